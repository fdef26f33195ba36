import { TWO_LINES, type Ending } from './programs';

interface FailureDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
    readonly exit_code: number;
  };
}

/** Checks the exit code, the two lines, and, of a program that was started with `--json`, the object on stdout. */
export function expectMistake(
  ending: Ending,
  { exitCode, isJson }: { readonly exitCode: number; readonly isJson: boolean },
): void {
  expect(ending).toMatchObject({ code: exitCode });
  expect(ending.stderr).toMatch(TWO_LINES);
  if (!isJson) {
    expect(ending.stdout).toBe('');
    return;
  }
  expect(ending.stdout).toMatch(/^\{.*\}\n$/);
  const { error } = JSON.parse(ending.stdout) as FailureDocument;
  expect(error.exit_code).toBe(exitCode);
  expect(error.code).toMatch(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/);
  expect(ending.stderr).toBe(`error: ${error.message}\nremedy: ${error.remedy}\n`);
}
