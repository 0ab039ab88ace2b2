import type { Sandbox } from '../sandbox/sandbox.ts'
import { createRedact } from '../secrets/redact.ts'
import { withoutBrokenStart } from '../text/cut-text.ts'
import { stripTerminalOutput } from '../text/terminal-text.ts'

/** One command of the repository, as the host ran it. */
export interface CheckResult {
  readonly command: string
  /** Only 0 means that it passed. 124 after a timeout, 127 if the program is not installed. */
  readonly exitCode: number
  readonly durationMs: number
  /** The last lines of its output, both streams in order, without colours. */
  readonly tail: string
  /** Exit code of a first run on the same files, which failed before this one passed: the check is flaky. */
  readonly failedFirst?: number | undefined
}

interface RunProjectCommandOptions {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const TAIL_LINES = 60
const TAIL_CHARS = 4000

/** Makes tools print plainly, ask nothing, leave no files behind, and give up soon if a server does not answer. */
const ENVIRONMENT = {
  CI: '1',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
  GIT_TERMINAL_PROMPT: '0',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTEST_ADDOPTS: '-p no:cacheprovider',
  npm_config_fetch_retries: '1',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '5000',
  npm_config_fetch_timeout: '30000',
  YARN_HTTP_RETRY: '1',
  YARN_HTTP_TIMEOUT: '30000',
  PIP_RETRIES: '1',
  PIP_DEFAULT_TIMEOUT: '20',
  UV_HTTP_RETRIES: '1',
  UV_HTTP_TIMEOUT: '30',
  POETRY_REQUESTS_MAX_RETRIES: '1',
  CARGO_NET_RETRY: '1',
  CARGO_HTTP_TIMEOUT: '20',
  BUNDLE_RETRY: '1',
  BUNDLE_TIMEOUT: '20',
}

/** The shell options of GitHub Actions. Both streams go into one, so that errors appear where they happened. */
const PRELUDE = 'exec 2>&1 </dev/null; export PATH="$PWD/.venv/bin:$PATH"; set -eo pipefail\n'

/**
 * Runs one command of the repository in the sandbox. A command that fails or times out is a result, not an error.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function runProjectCommand(
  sandbox: Sandbox,
  command: string,
  { workspace, timeoutMs, signal }: RunProjectCommandOptions,
): Promise<CheckResult> {
  const startedAt = performance.now()
  const { exitCode, stdout, outcome } = await sandbox.exec(`${PRELUDE}${command}`, {
    shell: 'agent',
    cwd: workspace,
    env: ENVIRONMENT,
    timeoutMs,
    signal,
    maxOutputBytes: 256 * 1024,
  })
  signal.throwIfAborted()
  const timedOut = outcome === 'timeout'
  const output = timedOut ? `${stdout}\n(stopped after ${Math.round(timeoutMs / 1000)} s)` : stdout
  return {
    command,
    exitCode: timedOut ? 124 : exitCode,
    durationMs: Math.round(performance.now() - startedAt),
    tail: tailOf(output),
  }
}

/** Before the tail is cut: half a secret has no shape. */
const redact = createRedact([])

function tailOf(output: string): string {
  const plain = redact(stripTerminalOutput(output)).trimEnd()
  const lines = plain.split('\n').slice(-TAIL_LINES).join('\n')
  return lines.length > TAIL_CHARS ? `…${withoutBrokenStart(lines.slice(1 - TAIL_CHARS))}` : lines
}

/** A check that takes longer fails with exit code 124. */
const CHECK_TIMEOUT_MS = 10 * 60_000

interface RunChecksRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly commands: readonly string[]
  readonly signal: AbortSignal
  /** For each command; default ten minutes. */
  readonly timeoutMs?: number | undefined
}

/**
 * Runs the repository's checks one after another.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function runChecks(
  sandbox: Sandbox,
  { commands, timeoutMs = CHECK_TIMEOUT_MS, workspace, signal }: RunChecksRequest,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const command of commands) {
    results.push(await runProjectCommand(sandbox, command, { workspace, timeoutMs, signal }))
  }
  return results
}
