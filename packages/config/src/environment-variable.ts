/** What the environment variables of a configuration begin with. */
export const ENVIRONMENT_PREFIX = 'PIXELIS__';

/** The environment variable that sets a dotted key: `PIXELIS__TRAINING__SEED` sets `training.seed`. */
export function environmentVariable(key: string): string {
  return `${ENVIRONMENT_PREFIX}${key.toUpperCase().replace(/[.[\]]+/g, '__')}`;
}

/** The dotted key that an environment variable sets. */
export function keyOfVariable(variable: string): string {
  return variable.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll('__', '.');
}

/** A dotted key, or what was meant as one, whatever stands between its words: `training_seed`. */
export function wordsOfKey(key: string): string {
  return key.toLowerCase().replace(/[._]+/g, '_');
}
