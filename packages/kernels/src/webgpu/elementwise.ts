/** Invocations of a workgroup, one for each entry. */
export const ELEMENTWISE_LANES = 64;

/** Workgroups that have an invocation for each of `count` entries. */
export function groupsOf(count: number): number {
  return Math.ceil(count / ELEMENTWISE_LANES);
}
