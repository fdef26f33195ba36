import ts from 'typescript';
import { descendants, type ParsedSource } from './source-code';

/** A class of errors that end a program with a code of their own. */
export interface ErrorClass {
  readonly name: string;
  /** Code that a program ends with; null where the class computes it. */
  readonly exitCode: number | null;
  /** Whether it takes other arguments than a message and options. */
  readonly hasConstructor: boolean;
  readonly parent: string;
}

const BASE = 'PixelisError';

/** The classes that descend from `PixelisError`, by name, wherever they are declared. */
export function errorClasses(
  sources: readonly ParsedSource[],
  exitCodes: Readonly<Record<string, number>>,
): Map<string, ErrorClass> {
  const declared = sources.flatMap(({ file }) =>
    [...descendants(file)].filter((node) => ts.isClassDeclaration(node)),
  );
  const classes = new Map<string, ErrorClass>();
  // Children may be declared in files before those of their parents.
  for (let sizeBefore = -1; classes.size > sizeBefore;) {
    sizeBefore = classes.size;
    for (const node of declared) {
      const parent = parentName(node);
      const inherited = parent === undefined ? undefined : classes.get(parent);
      if (node.name === undefined || parent === undefined) continue;
      if (parent !== BASE && inherited === undefined) continue;
      classes.set(node.name.text, {
        name: node.name.text,
        parent,
        exitCode: ownExitCode(node, exitCodes) ?? inherited?.exitCode ?? null,
        hasConstructor: node.members.some((member) => ts.isConstructorDeclaration(member)),
      });
    }
  }
  return classes;
}

function parentName({ heritageClauses }: ts.ClassDeclaration): string | undefined {
  const parent = heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
    ?.types[0];
  return parent !== undefined && ts.isIdentifier(parent.expression)
    ? parent.expression.text
    : undefined;
}

/** `readonly exitCode = EXIT_CODES.usage`. */
function ownExitCode(
  { members }: ts.ClassDeclaration,
  exitCodes: Readonly<Record<string, number>>,
): number | undefined {
  for (const member of members) {
    if (!ts.isPropertyDeclaration(member) || !ts.isIdentifier(member.name)) continue;
    if (member.name.text === 'exitCode') return exitCodeOf(member.initializer, exitCodes);
  }
  return undefined;
}

/** `EXIT_CODES`, as the file says that declares it. */
export function exitCodesOf(sources: readonly ParsedSource[]): Readonly<Record<string, number>> {
  for (const node of sources.flatMap(({ file }) => [...descendants(file)])) {
    if (!ts.isVariableDeclaration(node) || node.name.getText() !== 'EXIT_CODES') continue;
    const entries = [...descendants(node)].filter((part) => ts.isPropertyAssignment(part));
    return Object.fromEntries(
      entries.map(({ name, initializer }) => [name.getText(), Number(initializer.getText())]),
    );
  }
  return {};
}

/** The number that `EXIT_CODES.name` stands for. */
export function exitCodeOf(
  expression: ts.Expression | undefined,
  exitCodes: Readonly<Record<string, number>>,
): number | undefined {
  return expression !== undefined &&
    ts.isPropertyAccessExpression(expression) &&
    expression.expression.getText() === 'EXIT_CODES'
    ? exitCodes[expression.name.text]
    : undefined;
}
