import { type Ending, REPORT_AND_TWO_LINES, TWO_LINES } from './programs';

interface FailureDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
    readonly exit_code: number;
  };
}

/** How a mistake must end. */
export interface ExpectMistakeOptions {
  readonly exitCode: number;
  readonly isJson: boolean;
  /** Whether a report stands before the two lines. @default false */
  readonly hasReport?: boolean;
}

/** Checks the exit code, the two lines, and, of a program that was started with `--json`, the object on stdout. */
export function expectMistake(
  ending: Ending,
  { exitCode, isJson, hasReport = false }: ExpectMistakeOptions,
): void {
  expect(ending).toMatchObject({ code: exitCode });
  expect(ending.stderr).toMatch(hasReport ? REPORT_AND_TWO_LINES : TWO_LINES);
  if (!isJson) {
    expect(ending.stdout).toBe('');
    return;
  }
  expect(ending.stdout).toMatch(/^\{.*\}\n$/);
  const { error } = JSON.parse(ending.stdout) as FailureDocument;
  expect(error.exit_code).toBe(exitCode);
  expect(error.code).toMatch(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/);
  const lines = `error: ${error.message}\nremedy: ${error.remedy}\n`;
  expect(hasReport ? ending.stderr.slice(-lines.length) : ending.stderr).toBe(lines);
}
