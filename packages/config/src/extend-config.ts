import { DEFAULT_ORIGIN } from './config-error';
import type { ConfigLayer } from './config-layer';
import { type ConfigPath, formatPath } from './config-path';
import { type ConfigNode, nodeAt, plant } from './config-tree';
import { layLayers } from './lay-layers';
import { complete, originsOf, type ResolvedConfig } from './resolve-config';
import { defaultTree } from './schema-defaults';
import { secretPaths } from './secret-fields';
import { type TrainingConfig, trainingConfigSchema } from './training-config';
import { trainingDefinition } from './config-definitions';

/** A configuration and who set its values, without what was asked. */
export type ConfigWithOrigins<Config> = Pick<ResolvedConfig<Config>, 'config' | 'origins'>;

/** A resolved configuration without the list of what was asked. */
export type ExtendedConfig<Config> = Omit<ResolvedConfig<Config>, 'raw'>;

const treesByBase = new WeakMap<object, ConfigNode>();

/**
 * Resolves one more layer upon a resolved configuration, such as what a sweep sets for one of its trials. It comes to what
 * `resolveTrainingConfig` would make of all layers together, but takes a small part of the time, since what lies below is
 * read once for all extensions of one base. Sections that a training run has none of, such as `sweep`, are left out.
 *
 * @param base Not to be changed afterwards.
 * @throws {ConfigError} If anything is wrong, with all that is wrong.
 */
export function extendConfig(
  base: ConfigWithOrigins<TrainingConfig>,
  layer: ConfigLayer,
): ExtendedConfig<TrainingConfig> {
  const secrets = secretPaths(trainingConfigSchema);
  const below = treesByBase.get(base) ?? treeOf(base);
  treesByBase.set(base, below);
  const { renamedKeys } = trainingDefinition;
  const laid = layLayers([layer], { tree: below, secrets, renamedKeys });
  const { config, tree } = complete(laid, trainingDefinition);
  return { config, origins: originsOf(config, tree), secrets, warnings: laid.warnings };
}

/** The tree that a configuration came from. What other values decide is as if they had not, since they may change. */
function treeOf({ config, origins }: ConfigWithOrigins<TrainingConfig>): ConfigNode {
  function grow(value: unknown, path: ConfigPath): ConfigNode {
    const origin = origins[formatPath(path)] ?? DEFAULT_ORIGIN;
    if (Array.isArray(value) && value.length > 0) {
      const items = value.map((item, index) => grow(item, [...path, index]));
      return { kind: 'list', items, origin };
    }
    const members =
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value)
        : [];
    if (members.length > 0) {
      const grown = members.map(([key, member]) => [key, grow(member, [...path, key])] as const);
      return { kind: 'section', members: new Map(grown), origin };
    }
    const isDerived = origin.layer === 'default' && origin.source !== DEFAULT_ORIGIN.source;
    const node = isDerived ? nodeAt(defaultTree(trainingConfigSchema), path) : undefined;
    return node ?? plant(value, origin, () => undefined);
  }

  const sections = Object.keys(trainingConfigSchema.shape).map((key) => {
    return [key, grow(Reflect.get(config, key), [key])] as const;
  });
  return { kind: 'section', members: new Map(sections), origin: DEFAULT_ORIGIN };
}
