// Texts of hostile peers into the languages of the reports. Agent names, handshakes and payload previews are written by whoever connects:
// each report passes every such text through the function of its language, and none of them trusts another's. Pure.
// Next file: wire-text.ts.

/**
 * Control characters, marks that turn the direction of writing, and halves of surrogate pairs as `\x1b` or `\u202e`: they would drive a
 * terminal, or make a line look like another one. Line ends too: split lines first.
 */
export function visible(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** For text and attributes of HTML. */
export function html(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** For text and attributes of XML 1.0 (§2.2: most control characters cannot be written at all). Line ends are kept. */
export function xml(text: string): string {
  return text.split(/\r?\n/).map((line) => visible(line).replace(/[\ufffe\uffff]/g, "\ufffd")).join("\n")
    .replace(/[&<>"'\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON for a script element: nothing in it can end the element or begin a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
}

/** For Markdown: own texts, so that nothing in them is taken for a mark. */
export function markdown(text: string): string {
  return visible(text).replace(/[\\`*_{}[\]<>#|~&!]/g, (character) => `\\${character}`);
}

/**
 * For Markdown: texts of peers, as code, in which mentions, links and HTML mean nothing. A table cell needs its bars escaped even there
 * (GitHub Flavored Markdown, "Tables").
 */
export function markdownCode(text: string): string {
  const shown = visible(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = shown === "" || shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** For the message of a GitHub workflow command. */
export function githubData(text: string): string {
  return text.split(/\r?\n/).map(visible).join("\n").replaceAll("%", "%25").replaceAll("\n", "%0A");
}

/** For a property of a GitHub workflow command. */
export function githubProperty(text: string): string {
  return githubData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

// Unicode's control characters, direction marks and lone surrogates; line and paragraph separator; byte order mark.
const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufeff]/gu;
