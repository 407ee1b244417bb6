/** A package as a record of SOFTWARE_UPDATE names it. */
export interface Package {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
}

/** The longest name that is taken apart. */
const longestName = 512;
/** `bash-5.1.8-6.el9.x86_64`, also with an epoch: `bash-0:5.1.8-6.el9.x86_64`. */
const rpmName = /^(?<name>.+)-(?<version>[^-]+-[^-]+)\.(?<architecture>[^-.]+)$/;
/** `requests-2.32.0`, `requests==2.32.0` */
const otherName = /^(?<name>.+?)(?:-|==)(?<version>\d[^-=]*)$/;

/** Reads the value of `sw`, in the form that `sw_type` says; what has another form is a name. */
export function parsePackage(software: string, type: string): Package {
  const form = type === "rpm" ? rpmName : otherName;
  const groups = software.length > longestName ? undefined : form.exec(software)?.groups;
  const { name = software, version, architecture } = groups ?? {};
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(architecture === undefined ? {} : { architecture }),
  };
}
