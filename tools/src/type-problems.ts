import { relative } from 'node:path';
import ts from 'typescript';

/** How a project's compiler finds modules. */
export type Resolution = 'nodenext' | 'bundler';

export interface TypeCheckOptions {
  /** Absolute path that the file names in the problems are relative to. */
  readonly root: string;
  /** Where `@types/node` is. */
  readonly typeRoots: readonly string[];
}

const RESOLUTIONS: Readonly<Record<Resolution, ts.CompilerOptions>> = {
  nodenext: {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  },
  bundler: {
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  },
};

/**
 * Compiles `files` strictly and without writing anything, and checks the declarations of `@pixelis/*` that they reach
 * as if `skipLibCheck` were false. Declarations of others are not looked at.
 *
 * @returns What the compiler reports.
 */
export function typeProblems(
  files: readonly string[],
  resolution: Resolution,
  { root, typeRoots }: TypeCheckOptions,
): string[] {
  const program = ts.createProgram(files, {
    ...RESOLUTIONS[resolution],
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    typeRoots: [...typeRoots],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  });
  const checked = program
    .getSourceFiles()
    .filter(({ fileName }) => files.includes(fileName) || /\/@pixelis\/[^/]+\//.test(fileName));
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...checked.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  return diagnostics.map((diagnostic) => describeDiagnostic(diagnostic, root));
}

function describeDiagnostic({ file, start, messageText }: ts.Diagnostic, root: string): string {
  const message = ts.flattenDiagnosticMessageText(messageText, ' ');
  if (file === undefined || start === undefined) return message;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${relative(root, file.fileName)}:${line + 1}: ${message}`;
}
