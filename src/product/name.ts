declare const brand: unique symbol;

/** The name of an account. Source: useradd(8), NAME_REGEX as Debian has it. */
export type AccountName = string & { readonly [brand]: "AccountName" };
/** The name of a group. Source: groupadd(8). */
export type GroupName = string & { readonly [brand]: "GroupName" };
/** The name of a service, without a suffix such as `.service`. */
export type ServiceName = string & { readonly [brand]: "ServiceName" };

const name = /^[a-z_][a-z0-9_-]{0,30}$/;

/** Checks an account's name that stands in the program. Throws RangeError. */
export function accountName(text: string): AccountName {
  if (isName<AccountName>(text)) return text;
  throw new RangeError(`Cannot use ${JSON.stringify(text)} as the name of an account`);
}

/** Checks a group's name that stands in the program. Throws RangeError. */
export function groupName(text: string): GroupName {
  if (isName<GroupName>(text)) return text;
  throw new RangeError(`Cannot use ${JSON.stringify(text)} as the name of a group`);
}

/** Checks a service's name that stands in the program. Throws RangeError. */
export function serviceName(text: string): ServiceName {
  if (isName<ServiceName>(text)) return text;
  throw new RangeError(`Cannot use ${JSON.stringify(text)} as the name of a service`);
}

function isName<T extends string>(text: string): text is T {
  return name.test(text);
}
