import { z } from 'zod'
import type { Verification } from './verification.ts'

const COUNT = z.int().min(0)
export const testCountsBody = z.object({ passed: COUNT, failed: COUNT, skipped: COUNT })
const NAMES = z
  .object({ count: COUNT, names: z.array(z.string()).describe('The first ones.') })
  .describe('Named tests.')

const TESTS = z.object({
  before: testCountsBody,
  after: testCountsBody,
  newlyFailing: NAMES,
  newlyPassing: NAMES,
  stillFailing: NAMES,
  newlySkipped: NAMES,
  missing: NAMES.describe('Were reported before, and are not now.'),
  added: NAMES,
})

const STEERED = z
  .object({
    files: NAMES.describe('Files of the change that decide how the check runs.'),
    failing: NAMES.optional().describe('Tests that passed before and fail without the edits of these files.'),
    reason: z.string().optional().describe('Why the check was not run without these edits.'),
  })
  .describe('The check passes only with edits of what decides how it runs, as far as is known.')

const CHECK = z.object({
  command: z.string(),
  folder: z.string().describe('Of its project; empty for the root.'),
  verdict: z.enum(['passes', 'fixed', 'newly_failing', 'still_failing', 'cannot_tell', 'flaky', 'no_proof']),
  tests: TESTS.optional().describe('Absent if the names of the tests cannot be read.'),
  steered: STEERED.optional(),
})

const REGRESSION = z
  .object({
    verdict: z.enum([
      'fails_on_base',
      'exit_code_only',
      'passes_on_base',
      'does_not_build',
      'not_collected',
      'no_tests',
      'no_source',
      'skipped',
    ]),
    held: NAMES.describe('Pass with the change, and fail without it.'),
    loose: NAMES.describe('Added by the change, and pass without it as well.'),
    byTestsAlone: NAMES.optional().describe('Failed before, and pass by the change of the tests alone.'),
    reason: z.string().optional(),
  })
  .describe('The tests of the change on the source before it.')

const LINES = { path: z.string(), from: z.int(), to: z.int() }
const NECESSITY = z
  .object({
    hunks: COUNT.describe('Hunks of source in the change.'),
    tried: COUNT,
    held: COUNT.describe('At least one test fails without these.'),
    needed: z
      .array(z.object({ ...LINES, command: z.string(), tests: NAMES.optional() }))
      .optional()
      .describe('What held each of those: a check, and its tests that newly failed.'),
    loose: z.array(z.object({ ...LINES, diff: z.string() })),
    reason: z.string().optional().describe('Why not all were tried.'),
  })
  .describe('Each hunk of source taken out alone.')

const COVERAGE = z
  .object({
    lines: COUNT.describe('Changed lines that a report names as code.'),
    run: COUNT.describe('Of these, run at least once.'),
    missed: z
      .array(z.object({ path: z.string(), from: z.int(), to: z.int() }))
      .describe('The first lines that were not run.'),
    unmeasured: NAMES.describe('Changed files that no report names, or no line of them as run.'),
    reason: z.string().optional().describe('Why nothing was measured.'),
  })
  .describe("Changed lines of source that the checks ran, as the repository's own tool says.")

const ROOM = z.object({
  name: z.enum(['base', 'head', 'regression']),
  durationMs: z.number(),
  setupMs: z.number(),
  cached: z.boolean().describe('Its dependencies came from the setup cache.'),
})

/** A `Verification` as clients and receipts get it. A receipt is signed over the fields in this order. */
export const verificationBody = z.object({
  mode: z.enum(['full', 'checks']),
  baseBranch: z.string(),
  baseSha: z.string(),
  tree: z.string().describe("Git's id of the tree that was verified."),
  unverified: z.string().optional().describe('Why nothing could be verified.'),
  checks: z.array(CHECK),
  regression: REGRESSION.optional(),
  necessity: NECESSITY.optional(),
  coverage: COVERAGE.optional(),
  notChecked: z.array(z.object({ path: z.string(), reason: z.string() })),
  differences: z
    .array(z.string())
    .describe(
      "Between the agent's workspace and the clean sandbox, and settings of the change that do not count yet.",
    ),
  rooms: z.array(ROOM).describe('The sandboxes, and how long they took.'),
}) satisfies z.ZodType<Verification>
