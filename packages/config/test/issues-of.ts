import { ConfigError, type ConfigIssue } from '../src/config-error';

/** The issues of the ConfigError that `resolve` throws. */
export function issuesOf(resolve: () => unknown): readonly ConfigIssue[] {
  try {
    resolve();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  throw new Error('Expected a ConfigError');
}
