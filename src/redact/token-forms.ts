/** A kind of token that tells itself by how it begins. */
interface TokenForm {
  /** What it begins with, as a pattern. */
  readonly head: string;
  /** What follows, as a pattern. */
  readonly rest: string;
}

/** Tokens of services and programs. Source: their own documentation, and what secret scanners agree on. */
export const tokenForms: readonly TokenForm[] = [
  // GitHub, GitLab, npm, PyPI, Docker, Rubygems, crates.io.
  { head: "gh[pousr]_", rest: "[A-Za-z0-9]{16,}" },
  { head: "github_pat_", rest: "[A-Za-z0-9_]{20,}" },
  { head: "gl(?:pat|oas|dt|rt|ptt|ft|soat|agent|cbt|imt)-", rest: "[\\w-]{16,}" },
  { head: "npm_", rest: "[A-Za-z0-9]{30,}" },
  { head: "pypi-", rest: "[\\w-]{16,}" },
  { head: "dckr_pat_", rest: "[\\w-]{16,}" },
  { head: "rubygems_", rest: "[0-9a-f]{32,}" },
  { head: "cio", rest: "[A-Za-z0-9]{32}" },
  // Clouds.
  { head: "(?:AKIA|ASIA|ABIA|ACCA)", rest: "[0-9A-Z]{16}" },
  { head: "AIza", rest: "[\\w-]{30,}" },
  { head: "ya29\\.", rest: "[\\w.-]{16,}" },
  { head: "GOCSPX-", rest: "[\\w-]{16,}" },
  { head: "do[opr]_v1_", rest: "[0-9a-f]{32,}" },
  { head: "LTAI", rest: "[A-Za-z0-9]{12,}" },
  { head: "dapi", rest: "[0-9a-f]{32}" },
  { head: "dp\\.(?:pt|st|ct)\\.", rest: "[\\w.-]{16,}" },
  // Chat, mail, money.
  { head: "xox[a-z]-", rest: "[\\w-]{10,}" },
  { head: "xapp-", rest: "[\\w-]{10,}" },
  { head: "(?<=hooks\\.slack\\.com/(?:services|workflows)/)", rest: "[\\w/]{16,}" },
  { head: "(?<=discord(?:app)?\\.com/api/webhooks/\\d{1,30}/)", rest: "[\\w-]{16,}" },
  { head: "bot\\d{6,}:", rest: "[\\w-]{20,}" },
  { head: "SG\\.", rest: "[\\w-]{16,}\\.[\\w-]{16,}" },
  { head: "key-", rest: "[0-9a-f]{32}" },
  { head: "[srp]k_(?:live|test)_", rest: "[A-Za-z0-9]{10,}" },
  { head: "whsec_", rest: "[A-Za-z0-9+/=]{16,}" },
  { head: "sq0[a-z]{3}-", rest: "[\\w-]{20,}" },
  { head: "shp(?:at|ca|pa|ss)_", rest: "[0-9a-fA-F]{32}" },
  // Programs.
  { head: "eyJ", rest: "[\\w-]{17,}(?:\\.[\\w-]+)*" },
  { head: "hv[sbr]\\.", rest: "[\\w-]{20,}" },
  { head: "sk-", rest: "[A-Za-z0-9_-]{20,}" },
  { head: "hf_", rest: "[A-Za-z0-9]{20,}" },
  { head: "glsa_", rest: "[\\w]{20,}" },
  { head: "tskey-", rest: "[\\w-]{12,}" },
  { head: "lin_api_", rest: "[A-Za-z0-9]{20,}" },
  { head: "PMAK-", rest: "[\\w-]{20,}" },
  { head: "NRAK-", rest: "[A-Z0-9]{20,}" },
  { head: "AGE-SECRET-KEY-1", rest: "[A-Z0-9]{20,}" },
  {
    head: "-----BEGIN [A-Z ]{0,40}PRIVATE KEY[A-Z ]{0,16}-----",
    rest: "[\\s\\S]*?(?:-----END [A-Z ]{0,40}-----|$)",
  },
];

/** What every one of these tokens holds, in lower case: for the search that only finds candidates. */
export const tokenNeedles: readonly string[] = [
  "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gloas- gldt- glrt- glptt- glft- glsoat- glagent- glcbt- glimt-",
  "npm_ pypi- dckr_pat_ rubygems_ cio akia asia abia acca aiza ya29. gocspx- _v1_ ltai dapi dp.",
  "xox xapp- slack.com discord bot sg. key k_live_ k_test_ whsec_ sq0 shpat_ shpca_ shppa_ shpss_",
  "eyj hvs. hvb. hvr. sk- hf_ glsa_ tskey- lin_api_ pmak- nrak- -----begin",
].flatMap((row) => row.split(" "));
