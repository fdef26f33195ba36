import { type ConfigPath, leafPaths, valueAt } from './config-path';
import type { ResolvedConfig } from './resolve-config';
import { isSecretPath, SECRET } from './secret-fields';

/**
 * The content of `config_resolved.json`: the configuration, with `[secret]` for the value of each secret field, and the
 * origin of every value.
 */
export function resolvedDocument<Config>({
  config,
  origins,
  secrets,
}: Pick<ResolvedConfig<Config>, 'config' | 'origins' | 'secrets'>): Pick<
  ResolvedConfig<Config>,
  'config' | 'origins'
> {
  if (secrets.length === 0) return { config, origins };
  const shown = structuredClone(config);
  for (const path of leafPaths(config).filter((leaf) => isSecretPath(leaf, secrets))) {
    hideAt(shown, path);
  }
  return { config: shown, origins };
}

function hideAt(config: unknown, path: ConfigPath): void {
  const parent = valueAt(config, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined || typeof parent !== 'object' || parent === null) return;
  if (valueAt(parent, [key]) !== null) Reflect.set(parent, key, SECRET);
}
