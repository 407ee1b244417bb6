/** What one or more programs take on their command line that the names of options do not tell. */
export interface ProgramRule {
  readonly programs: string;
  /** Only behind one of these words. */
  readonly after?: string;
  /** Options whose value, in the same word or the next, is a secret. */
  readonly secret?: string;
  /** Options whose value is the next word, and only that. */
  readonly next?: string;
  /** Options that have the secret in the same word only: `-pSECRET`. */
  readonly attached?: string;
  /** Options whose value is an account and its secret, parted by `separator`. */
  readonly account?: string;
  /** A pattern; `:` without it. */
  readonly separator?: string;
  /** Operands that are a secret, counted from 0 behind `after`. */
  readonly operands?: readonly number[];
  /** Operands that are an account and its secret. */
  readonly accounts?: readonly number[];
  /** Operands only count if this option is there; letters of it may stand in one word with others. */
  readonly ifOption?: string;
  /** Options whose value is no operand. */
  readonly takes?: string;
  /** Operands `NAME VALUE`, where the name tells. */
  readonly pairs?: true;
  /** Options that look as if they had a secret and have none. */
  readonly harmless?: string;
  /** It reads a secret from standard input: always, or with one of these words. */
  readonly reads?: "always" | string;
}

/** Rules by program. Source: the manual page of each. */
const programRules: readonly ProgramRule[] = [
  // Databases.
  {
    programs:
      "mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlslap mysqlbinlog mysqlpump mysqlsh mariadb mariadb-dump mariadb-admin mariadb-check mariadb-import mariabackup xtrabackup innobackupex mydumper myloader",
    attached: "-p",
  },
  { programs: "mysqladmin mariadb-admin", after: "password", operands: [0] },
  {
    programs: "mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat cqlsh",
    secret: "-p",
  },
  { programs: "redis-cli valkey-cli keydb-cli", secret: "-a" },
  { programs: "redis-cli valkey-cli keydb-cli", after: "SET set", pairs: true },
  { programs: "redis-cli valkey-cli", after: "AUTH auth", operands: [0, 1] },
  { programs: "sqlcmd bcp osql isql tsql fisql", secret: "-P" },
  { programs: "sqlplus sqlldr exp expdp imp impdp rman", accounts: [0], separator: "/" },
  { programs: "influx", secret: "-t" },
  { programs: "isql-fb gbak gfix", secret: "-pas" },
  // HTTP and file transfer.
  { programs: "curl", account: "-u -U --user --proxy-user" },
  { programs: "http https xh xhs httpie", account: "-a --auth" },
  { programs: "lftp", account: "-u --user", separator: "," },
  { programs: "ncftp ncftpget ncftpput", secret: "-p" },
  {
    programs: "rclone aws npm yarn pnpm snap poetry conda heroku flyctl",
    after: "set create update config:set",
    pairs: true,
  },
  { programs: "git composer", after: "config", pairs: true },
  { programs: "nmcli", after: "connect modify mod add hotspot", pairs: true },
  { programs: "wpa_cli", after: "set_network", pairs: true },
  { programs: "aws", after: "put-parameter", secret: "--value" },
  { programs: "mc", after: "set add", operands: [2, 3] },
  { programs: "wget2 aria2c axel", secret: "--http-passwd --ftp-passwd" },
  { programs: "davfs2 cadaver", secret: "--pass" },
  // Directories, Kerberos, Windows networks.
  {
    programs: "ldapsearch ldapadd ldapmodify ldapdelete ldapmodrdn ldapwhoami ldapcompare ldapexop",
    secret: "-w",
  },
  { programs: "ldappasswd", secret: "-w -s -a" },
  { programs: "slappasswd", secret: "-s" },
  { programs: "kadmin kadmin.local", secret: "-w -pw" },
  {
    programs:
      "smbclient rpcclient smbcacls smbget smbtree smbcquotas net winexe wmic nmblookup samba-tool pth-winexe",
    account: "-U --user",
    separator: "%",
  },
  { programs: "net", after: "user", operands: [1] },
  { programs: "net", after: "password", operands: [0, 1] },
  { programs: "samba-tool", after: "create add", operands: [1] },
  { programs: "crackmapexec netexec nxc evil-winrm kerbrute hydra medusa rdesktop", secret: "-p" },
  { programs: "xfreerdp wlfreerdp sdl-freerdp xfreerdp3", secret: "/p: /gp:" },
  {
    programs:
      "psexec.py smbexec.py wmiexec.py secretsdump.py atexec.py dcomexec.py smbclient.py impacket-psexec impacket-smbexec impacket-wmiexec impacket-secretsdump impacket-smbclient impacket-mssqlclient mssqlclient.py GetUserSPNs.py lookupsid.py",
    accounts: [0],
  },
  // Accounts of the system.
  { programs: "sshpass", secret: "-p" },
  { programs: "useradd usermod groupadd groupmod adduser", secret: "-p" },
  { programs: "htpasswd", ifOption: "b", operands: [2] },
  { programs: "htpasswd", ifOption: "n", operands: [1] },
  { programs: "mosquitto_passwd", ifOption: "b", operands: [2] },
  { programs: "mkpasswd", operands: [0, 1], takes: "-m -S -R -P -5" },
  { programs: "wpa_passphrase", operands: [1] },
  { programs: "grub-crypt argon2", operands: [0] },
  {
    programs: "chpasswd chgpasswd newusers kinit cryptsetup slappasswd wpa_passphrase",
    reads: "always",
  },
  {
    programs:
      "passwd sudo smbpasswd docker podman helm gh gpg vault pdbedit doas oc crane oras nerdctl buildah skopeo",
    reads: "-S --stdin --password-stdin --with-token -s --passphrase-fd -t login",
  },
  // Secrets, keys, archives.
  { programs: "openssl", next: "-k -K" },
  { programs: "openssl", account: "-pass -passin -passout -pwdin -pwdout", separator: "^pass:" },
  { programs: "openssl", after: "passwd", operands: [0], takes: "-salt -in" },
  { programs: "ssh-keygen", secret: "-N -P" },
  { programs: "zip unzip zipcloak zipnote", secret: "-P" },
  { programs: "7z 7za 7zr 7zz rar unrar", attached: "-p -hp" },
  { programs: "qpdf", after: "--encrypt", operands: [0, 1] },
  { programs: "vault", after: "login unseal", operands: [0] },
  { programs: "bw", after: "login", operands: [1] },
  { programs: "bw", after: "unlock", operands: [0] },
  { programs: "ccrypt ccencrypt ccdecrypt", secret: "-K" },
  { programs: "steghide", secret: "-p" },
  { programs: "ecryptfs-add-passphrase ecryptfs-wrap-passphrase", operands: [0, 1] },
  { programs: "certutil pk12util", secret: "-W" },
  // Containers and clouds.
  {
    programs: "docker podman nerdctl buildah oc helm az crane oras regctl tsh",
    after: "login",
    secret: "-p",
  },
  { programs: "skopeo buildah podman kaniko", account: "--creds --src-creds --dest-creds" },
  { programs: "docker podman nerdctl buildah", harmless: "--secret" },
  { programs: "kubectl oc", after: "create", account: "--from-literal", separator: "=" },
  { programs: "doctl", secret: "-t" },
  { programs: "cf", after: "login auth", secret: "-p", operands: [1] },
  { programs: "restic", harmless: "--key-hint" },
  // Messages, devices, networks.
  { programs: "mosquitto_pub mosquitto_sub mosquitto_rr", secret: "-P" },
  { programs: "rabbitmqctl", after: "add_user change_password authenticate_user", operands: [1] },
  { programs: "rabbitmqadmin", secret: "-p" },
  { programs: "ipmitool ipmiutil", secret: "-P" },
  { programs: "ipmipower ipmi-sel ipmi-sensors bmc-info", secret: "-p" },
  {
    programs:
      "snmpget snmpwalk snmpset snmpbulkwalk snmpbulkget snmpgetnext snmptrap snmptable snmpstatus",
    secret: "-A -X -c",
  },
  { programs: "swaks", secret: "-ap" },
  { programs: "sendemail sendEmail", secret: "-xp" },
  { programs: "etcdctl", account: "--user" },
  { programs: "x11vnc", secret: "-passwd" },
  { programs: "iwconfig", after: "key", operands: [0] },
  { programs: "ffmpeg ffprobe x264 x265 mencoder", harmless: "-pass --pass" },
  { programs: "svn", harmless: "--no-auth-cache" },
  { programs: "Xorg X Xvfb Xwayland", harmless: "-auth" },
];

/** Programs that run the text in one of their arguments. */
const shells: ReadonlySet<string> = new Set(
  (
    "sh bash dash zsh ksh mksh ash rbash fish busybox csh tcsh su ssh watch script eval at batch parallel tmux screen " +
    "flock runuser expect gdb strace kadmin kadmin.local setpriv unbuffer lxc machinectl"
  ).split(" "),
);

/** Programs whose arguments are another program's command line. */
const carriers: ReadonlySet<string> = new Set(
  (
    "sudo doas env nohup nice ionice timeout time setsid stdbuf xargs ltrace perf chroot nsenter unshare pkexec docker " +
    "podman nerdctl kubectl oc systemd-run systemd-nspawn taskset chpst faketime chrt numactl proxychains proxychains4 " +
    "torsocks torify exec command builtin then do else if while ! { crictl firejail bwrap capsh start-stop-daemon " +
    "daemon rlwrap catchsegv valgrind fakeroot eatmydata find"
  ).split(" "),
);

const rulesByProgram = new Map<string, readonly ProgramRule[]>();
for (const rule of programRules) {
  for (const program of rule.programs.split(" ")) {
    rulesByProgram.set(program, [...(rulesByProgram.get(program) ?? []), rule]);
  }
}

/** The rules of a program by the path it was called by. */
export function rulesOf(path: string): readonly ProgramRule[] {
  return rulesByProgram.get(baseName(path)) ?? [];
}

/** Tells whether a program runs what its arguments say. */
export function isCarrier(path: string): boolean {
  const name = baseName(path);
  return carriers.has(name) || shells.has(name);
}

/** Tells whether a program runs the text in one of its arguments. */
export function isShell(path: string): boolean {
  return shells.has(baseName(path));
}

/** The names of programs that have rules. */
export function ruledPrograms(): readonly string[] {
  return [...rulesByProgram.keys()];
}

/** `-bash`, `/usr/bin/mysql` and `mysql.exe` are the program's name; a version behind it is not. */
function baseName(path: string): string {
  if (path.length > 256) return "";
  return path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/^-/, "")
    .replace(/\.exe$/i, "")
    .replace(/(?<=^(?:mysql|mysqldump|mongod|openssl|curl|redis-cli))-?\d[\d.]*$/, "");
}
