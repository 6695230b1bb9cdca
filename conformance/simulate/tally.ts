// What comes in: names of what was met. What goes out: how often, so that a simulation that exercises nothing is seen.
// Next file: main.ts.

export class Tally {
  readonly #counts = new Map<string, number>();

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }
  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }
  /** The counts of another one, on top. */
  add(entries: Iterable<readonly [string, number]>): void {
    for (const [name, by] of entries) this.count(name, by);
  }
  get entries(): [string, number][] {
    return [...this.#counts];
  }
  /** One line for each group, a group being the first word of a name. */
  lines(): string[] {
    const groups = new Map<string, string[]>();
    for (const [name, count] of this.entries.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))) {
      const [group, ...rest] = name.split(" ");
      const parts = groups.get(group) ?? [];
      if (parts.length === 0) groups.set(group, parts);
      parts.push(rest.length === 0 ? String(count) : `${rest.join(" ")} ${count}`);
    }
    return [...groups].map(([group, parts]) => `${group.padEnd(10)} ${parts.join(", ")}`);
  }
}
