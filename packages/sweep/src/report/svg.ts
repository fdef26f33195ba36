/** An SVG of a fixed size that says in words what it shows. */
export interface Drawing {
  /** Starts the ids within, so that several drawings fit on one page. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly description: string;
  readonly content: readonly string[];
}

/** The text of an SVG file with a white ground, a title and a description for who cannot see it. */
export function svgDocument(drawing: Drawing): string {
  const { id, width, height, title, description, content } = drawing;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `role="img" aria-labelledby="${id}-title ${id}-description" font-family="sans-serif" font-size="11">`,
    `<title id="${id}-title">${escaped(title)}</title>`,
    `<desc id="${id}-description">${escaped(description)}</desc>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

/** A text whose baseline starts, or by `text-anchor` ends, at x and y. */
export function svgText(x: number, y: number, content: string, attributes = ''): string {
  const place = `x="${fixed(x)}" y="${fixed(y)}"${attributes === '' ? '' : ` ${attributes}`}`;
  return `<text ${place}>${escaped(content)}</text>`;
}

/** As text of XML 1.0 (section 2.4); what that cannot hold (section 2.2) becomes U+FFFD. */
export function escaped(content: string): string {
  return content
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** A length in pixels, to a tenth: what is drawn does not hang on the last bit of a computation. */
export function fixed(pixels: number): string {
  return pixels.toFixed(1).replace(/^-0\.0$/, '0.0');
}
