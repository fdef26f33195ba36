import type { LineageEdge } from './lineage-node';

/** Something that is wrong (`error`) with a lineage or odd about it (`note`). */
export type LineageProblem = {
  readonly severity: 'error' | 'note';
  /** One line that names the nodes. */
  readonly message: string;
} & (
  | {
      /** Something came of itself: a strongly connected component of two nodes or more, or a node that leads to itself. */
      readonly kind: 'cycle';
      /** The nodes' ids, in order. */
      readonly nodes: readonly string[];
    }
  | {
      /** An artifact that nothing accounts for (`error`), or a run that has neither inputs nor outputs (`note`). */
      readonly kind: 'orphan';
      readonly node: string;
    }
  | {
      /** An edge names a node that is not there. */
      readonly kind: 'missing';
      /** The id of what is not there. */
      readonly node: string;
      readonly edge: LineageEdge;
    }
  | {
      /** An edge knew another content under this name than is there now. */
      readonly kind: 'hash-mismatch';
      readonly node: string;
      readonly edge: LineageEdge;
      /** The digest that the artifact has. */
      readonly digest: string;
    }
);
