// What comes in: the arguments of a command, `--name value`. What goes out: those that it knows. Next file: law.ts.

/** The numbers among them. Throws for one that is no whole number. */
export function numbers<Name extends string>(args: readonly string[], names: readonly Name[]): Partial<Record<Name, number>> {
  return each(args, names, (text, name) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} wants a whole number, not ${text}`);
    return value;
  });
}
/** The texts among them. */
export function texts<Name extends string>(args: readonly string[], names: readonly Name[]): Partial<Record<Name, string>> {
  return each(args, names, (text) => text);
}

function each<Name extends string, Value>(
  args: readonly string[],
  names: readonly Name[],
  read: (text: string, name: Name) => Value,
): Partial<Record<Name, Value>> {
  const found: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const at = args.indexOf(`--${name}`);
    if (at === -1) continue;
    const text = args[at + 1];
    if (text === undefined) throw new Error(`--${name} wants a value`);
    found[name] = read(text, name);
  }
  return found;
}
