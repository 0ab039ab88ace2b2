import type { NamedCheck } from './run-named-checks.ts'

const RUNS_TESTS =
  /\b(?:tests?|specs?|pytest|unittest|jest|vitest|mocha|ava|tap|rspec|phpunit|pest|tox|nox|ctest|junit|e2e)\b/i
const RUNS_NONE = /\b(?:lint|eslint|biome|prettier|format|fmt|typecheck|type-check|tsc|mypy|ruff|clippy)\b/i

/** Whether a check runs tests: its report names some, or its command says so. A linter's failure shows nothing of a test. */
export function isTestRun({ result: { command }, tests }: NamedCheck): boolean {
  return tests !== undefined || (RUNS_TESTS.test(command) && !RUNS_NONE.test(command))
}
