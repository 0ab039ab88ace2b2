import { z } from 'zod'
import type { Verification } from './verification.ts'

const COUNT = z.int().min(0)
export const testCountsBody = z.object({ passed: COUNT, failed: COUNT, skipped: COUNT })
const NAMES = z
  .object({ count: COUNT, names: z.array(z.string()).describe('Names of the first ones.') })
  .describe('Named tests.')

const TESTS = z.object({
  before: testCountsBody,
  after: testCountsBody,
  newlyFailing: NAMES,
  newlyPassing: NAMES,
  stillFailing: NAMES,
  newlySkipped: NAMES,
  missing: NAMES.describe('Tests that were reported before the change and are not reported now.'),
  added: NAMES,
})

const STEERED = z
  .object({
    files: NAMES.describe('Changed files that decide how the check runs.'),
    failing: NAMES.optional().describe('Tests that passed before and fail without the edits to these files.'),
    reason: z.string().optional().describe('Why the check was not run without these edits.'),
  })
  .describe(
    'Set when, as far as is known, the check passes only with edits to files that decide how it runs.',
  )

const CHECK = z.object({
  command: z.string(),
  folder: z.string().describe('Folder of the project; empty for the root.'),
  verdict: z.enum(['passes', 'fixed', 'newly_failing', 'still_failing', 'cannot_tell', 'flaky', 'no_proof']),
  tests: TESTS.optional().describe('Absent if the names of the tests cannot be read.'),
  redWords: NAMES.optional().describe(
    'Lines in which the check says what fails, the same before and after, though no test fails.',
  ),
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
    held: NAMES.describe('Tests that pass with the change and fail without it.'),
    loose: NAMES.describe('Tests that the change adds and that pass without it as well.'),
    byTestsAlone: NAMES.optional().describe(
      'Tests that failed before and pass with only the changes to tests.',
    ),
    reason: z.string().optional(),
  })
  .describe('How the tests of the change do on the source without it.')

const LINES = { path: z.string(), from: z.int(), to: z.int() }
const NECESSITY = z
  .object({
    hunks: COUNT.describe('Number of source hunks in the change.'),
    tried: COUNT,
    held: COUNT.describe('Number of hunks without which at least one test fails.'),
    needed: z
      .array(z.object({ ...LINES, command: z.string(), tests: NAMES.optional() }))
      .optional()
      .describe('For each of those, the check and its tests that fail without the hunk.'),
    loose: z.array(z.object({ ...LINES, diff: z.string() })),
    reason: z.string().optional().describe('Why some hunks were not tried.'),
  })
  .describe('What happens when each source hunk is left out alone.')

const COVERAGE = z
  .object({
    lines: COUNT.describe('Number of changed lines that a report lists as code.'),
    run: COUNT.describe('Number of these that ran at least once.'),
    missed: z
      .array(z.object({ path: z.string(), from: z.int(), to: z.int() }))
      .describe('The first lines that did not run.'),
    unmeasured: NAMES.describe(
      'Changed files that are missing from every report, or none of whose lines ran.',
    ),
    reason: z.string().optional().describe('Why nothing was measured.'),
  })
  .describe("Changed source lines that the checks ran, according to the repository's own coverage tool.")

const ROOM = z.object({
  name: z.enum(['base', 'head', 'regression']),
  durationMs: z.number(),
  setupMs: z.number(),
  cached: z.boolean().describe('Whether its dependencies came from the setup cache.'),
})

/** A `Verification` as clients and receipts get it. A receipt is signed over the fields in this order. */
export const verificationBody = z.object({
  mode: z.enum(['full', 'checks']),
  baseBranch: z.string(),
  baseSha: z.string(),
  tree: z.string().describe("Git's id of the verified tree."),
  unverified: z.string().optional().describe('Why nothing could be verified.'),
  checks: z.array(CHECK),
  regression: REGRESSION.optional(),
  necessity: NECESSITY.optional(),
  coverage: COVERAGE.optional(),
  notChecked: z.array(z.object({ path: z.string(), reason: z.string() })),
  differences: z
    .array(z.string())
    .describe(
      "Differences between the agent's workspace and the clean sandbox, and changed settings that do not apply yet.",
    ),
  rooms: z.array(ROOM).describe('The clean sandboxes, and how long each took.'),
}) satisfies z.ZodType<Verification>
