import type { ArtifactManager, ManifestFacts } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import type { CaptureLevel } from '@pixelis/reproducibility';
import type { EnvironmentPolicyRequest } from '../environment/check-environment';

/** What {@link ExperimentOptions.facts} can say; the rest is known from the environment. */
export type ExperimentFacts = Partial<ManifestFacts>;

/** How an experiment is opened and recorded. */
export interface ExperimentOptions {
  /** The output folder. @default 'out' */
  readonly root?: string;
  /** What people call it: the tag `exp_name`. @default none */
  readonly name?: string;
  /** What kind of work it is, such as `train:sft`. @default 'experiment' */
  readonly job?: string;
  /** The resolved configuration: it decides whether a run can be resumed. @default {} */
  readonly config?: JsonValue;
  /** What was asked for: `config_raw.json`. @default config */
  readonly rawConfig?: JsonValue;
  /** What `config_resolved.json` holds, such as each value with its layer. @default config */
  readonly resolvedConfig?: JsonValue;
  /** The seed that the manifest names. Nothing is seeded here; see `setGlobalSeed` and `reproducible`. @default 42 */
  readonly seed?: number;
  /** How much of the environment is captured. @default 'standard' */
  readonly captureLevel?: CaptureLevel;
  /**
   * What it leads to that the present environment is not the expected one: the lock file's, that of `env.lock.json` beside it,
   * and that of the run which is resumed. Decided before anything is written, and recorded as the event `environment_policy`.
   * @default the environment is not compared
   */
  readonly environmentPolicy?: EnvironmentPolicyRequest;
  /** The run to begin, or to resume if there is one. @default a new id */
  readonly runId?: string;
  /**
   * Whether to begin a run even if one could be resumed. False without `runId` resumes the newest unfinished run of the
   * same configuration. A resumed run must be rewound before anything is recorded; see `ExperimentContext.isResumed`.
   * @default true without `runId`, else false
   */
  readonly isNew?: boolean;
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>;
  /** Time between two samples of the hardware in milliseconds; 0 for none. @default 5000 */
  readonly hardwareIntervalMs?: number;
  /** The artifacts of the same output folder. @default those of `root`, as rank 0 */
  readonly artifacts?: ArtifactManager;
  /** What the manifest says of the data set, the encoder, the transforms and the backend. @default nothing */
  readonly facts?: ExperimentFacts;
  /** A folder of the code whose commit and packages are captured. @default the current folder */
  readonly folder?: string;
  /**
   * What SIGINT and SIGTERM do: `close` closes the run as failed and ends the process, `ignore` leaves them to the program.
   * @default 'close'
   */
  readonly signals?: 'close' | 'ignore';
  /** Takes what the user should know, a line each. @default a warning of the logger `experiment` */
  readonly warn?: (message: string) => void;
}
