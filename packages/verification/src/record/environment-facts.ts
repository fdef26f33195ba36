import { z } from 'zod';

const packages = z.record(z.string(), z.string());

/** The part of `environment.json` that can reach the numbers of a run, or names its code. */
export const environmentFactsSchema = z.object({
  level: z.enum(['basic', 'standard', 'complete']),
  system: z.object({
    platform: z.string(),
    arch: z.string(),
    endianness: z.string(),
    cpu: z.object({ model: z.string().nullable() }),
    node: z.string(),
    v8: z.string(),
    packages,
  }),
  git: z.object({ commit: z.string().nullable(), is_dirty: z.boolean().nullable() }),
  standard: z
    .object({
      program: z.string().nullish(),
      lock_file: z.object({ name: z.string(), sha256: z.string() }).nullable(),
      packages,
      gpu: z
        .object({
          devices: z.array(z.object({ name: z.string() })),
          driver: z.string().nullable(),
          cuda_version: z.string().nullish(),
        })
        .nullish(),
      process: z
        .object({ variables: z.record(z.string(), z.string()) })
        .nullable()
        .default(null),
    })
    .nullable(),
  complete: z
    .object({
      changes: z
        .object({
          diff_sha256: z.string().nullable(),
          left_out: z.array(z.object({ path: z.string() })),
          untracked_count: z.int().min(0),
        })
        .nullable(),
    })
    .nullable(),
});

/** See {@link environmentFactsSchema}. */
export type EnvironmentFacts = z.output<typeof environmentFactsSchema>;
