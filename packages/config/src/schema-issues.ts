import type { z } from 'zod';
import { type ConfigIssue, formatOrigin, type Origin } from './config-error';
import { type ConfigPath, formatPath, valueAt } from './config-path';
import { environmentVariable } from './environment-variable';
import { ownerOfSection } from './foreign-sections';
import { type ConfigNode, originAt, toPlain } from './config-tree';
import { type Suggest, suggestFrom } from './known-keys';
import { printable, printableValue } from './printable';
import { hideSecrets, isSecretPath, SECRET } from './secret-fields';

/** What {@link schemaIssues} turns into words. */
export interface SchemaIssuesOptions {
  schema: z.ZodType;
  issues: readonly z.core.$ZodIssue[];
  /** The configuration that does not fit the schema. */
  tree: ConfigNode;
  /** Origin of what nobody set. */
  otherwise: Origin;
  /** Paths of the secret fields, whose values no message shows. */
  secrets: readonly ConfigPath[];
}

/**
 * Says of each wrong value what was expected, and where the value came from. One that is wrong in several ways is told once, and so is
 * each unknown key.
 */
export function schemaIssues(options: SchemaIssuesOptions): ConfigIssue[] {
  const { schema, tree, otherwise, secrets } = options;
  const suggest = suggestFrom(schema);
  const all = explained(options.issues)
    .flatMap(flatten)
    .flatMap((issue) => {
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) => {
          const origin = originAt(tree, [...issue.path, key]) ?? otherwise;
          return unknownKey({ parent: issue.path, key, origin, suggest });
        });
      }
      const origin =
        originAt(tree, issue.path) ?? originAt(tree, issue.path.slice(0, -1)) ?? otherwise;
      const path = formatPath(issue.path);
      const plain = toPlain(tree);
      const value = valueAt(hideSecrets(plain, { secrets }), issue.path);
      const shown = value === undefined ? '' : `=${printableValue(value)}`;
      const problem = isSecretPath(issue.path, secrets)
        ? withoutQuotation(issue.message, valueAt(plain, issue.path))
        : issue.message;
      const place = isOfSpaceOption(issue.path, origin)
        ? printable(origin.source)
        : `${printable(path)}${shown}`;
      const message = `${place}: ${problem} (from ${formatOrigin(origin)})`;
      return [{ path, message, origin }];
    });
  const first = new Map(all.map((issue) => [issue.path, issue] as const).reverse());
  return all.filter((issue) => first.get(issue.path) === issue);
}

/** Parameter of an issue of a schema's own: whether it says all there is to say of what stands at its path and below. */
export const EXPLAINS_ALL_BELOW = 'explains_all_below';

function explained(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const explanations = issues.filter(
    (issue) => issue.code === 'custom' && issue.params?.[EXPLAINS_ALL_BELOW] === true,
  );
  return issues.filter(
    (issue) =>
      explanations.includes(issue) ||
      !explanations.some(({ path }) => path.every((key, index) => issue.path[index] === key)),
  );
}

/** Whether an option such as `--grid KEY=A,B` set the whole of what stands there, so that it is to be named, not the section. */
function isOfSpaceOption(path: ConfigPath, { layer, source }: Origin): boolean {
  const [section, name, key] = path;
  const isWhole = section === 'sweep' && name === 'space' && path.length === 3;
  return isWhole && layer === 'argument' && source.startsWith('--') && source.endsWith(String(key));
}

/** Takes from an issue of alternatives the issues of the one that was meant: of the right kind of value, with the fewest issues. */
function flatten(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const ofKind = issue.errors.filter((issues) => {
    return !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
  });
  const [meant] = ofKind.sort((a, b) => countOf(a) - countOf(b));
  if (meant === undefined) return [issue];
  return meant.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }));
}

function countOf(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => {
    return sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1);
  }, 0);
}

interface UnknownKey {
  parent: ConfigPath;
  key: string;
  origin: Origin;
  suggest: Suggest;
}

function unknownKey({ parent, key, origin, suggest }: UnknownKey): ConfigIssue {
  const path = formatPath([...parent, key]);
  const owner = parent.length === 0 ? ownerOfSection(key) : undefined;
  const suggestion = owner === undefined ? suggest(parent, key) : undefined;
  const name =
    suggestion !== undefined && origin.layer === 'environment'
      ? environmentVariable(suggestion)
      : suggestion;
  const guess = name === undefined ? '' : `: did you mean "${name}"?`;
  const hint = owner === undefined ? guess : `: only the configuration of ${owner.kind} has it`;
  const message = `Unknown key "${printable(path)}"${hint} (from ${formatOrigin(origin)})`;
  return { path, message, origin };
}

/** A schema's own words may quote the value. */
function withoutQuotation(message: string, value: unknown): string {
  return typeof value === 'string' && value !== '' ? message.replaceAll(value, SECRET) : message;
}
