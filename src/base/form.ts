/** What a value that came from JSON must be: a type, all of a list, or the members of an object. */
export type Form =
  | "number"
  | "string"
  | "any"
  | readonly [Form]
  | { readonly [name: string]: Form };

/** Whether a value has a form; an object may have more members. */
export function hasForm(value: unknown, form: Form): boolean {
  if (form === "any") return true;
  if (typeof form === "string") return typeof value === form;
  if (isList(form)) {
    return Array.isArray(value) && value.every((each) => hasForm(each, form[0]));
  }
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(form).every(([name, each]) => {
    return Object.hasOwn(value, name) && hasForm(Reflect.get(value, name), each);
  });
}

function isList(
  form: readonly [Form] | { readonly [name: string]: Form },
): form is readonly [Form] {
  return Array.isArray(form);
}
