/** A log destination that keeps its lines. */
export class LineCollector {
  readonly lines: string[] = [];

  write(line: string): void {
    this.lines.push(line);
  }

  /** The lines as JSON objects. */
  objects(): Record<string, unknown>[] {
    return this.lines.map((line) => {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed !== 'object' || parsed === null) throw new TypeError(`No object: ${line}`);
      return { ...parsed };
    });
  }
}
