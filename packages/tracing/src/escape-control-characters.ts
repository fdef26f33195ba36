/**
 * C0 and C1 controls (line ends and the start of terminal sequences among them), the line and paragraph separators, and
 * the marks that reorder text on a screen.
 */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Writes what could end a line or steer a terminal as `\n`, `\r`, `\t` or `\uXXXX`. JSON text keeps its meaning. */
export function escapeControlCharacters(text: string): string {
  return text.replace(
    CONTROLS,
    (control) => SHORT[control] ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
