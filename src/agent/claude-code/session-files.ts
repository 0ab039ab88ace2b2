import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { CliFiles } from './cli-program.ts'

/** Absolute paths of Claude Code's files in a sandbox, all outside of the workspace. */
export interface SessionFiles extends CliFiles {
  readonly prompt: string
  /** A script that fetches more history. */
  readonly history: string
  /** Claude Code's configuration directory. It is new for each run, so that nothing in it comes from the repository. */
  readonly config: string
}

/** @param id of the session. @param start unique for each start of the program, which gets its own input and output. */
export function sessionFiles({ home }: Sandbox, id: string, start: string): SessionFiles {
  const directory = `${home}/.backspace-claude/${id}`
  return {
    prompt: `${directory}/prompt.md`,
    history: `${directory}/fetch-history`,
    config: `${directory}/config`,
    input: `${directory}/${start}.in.jsonl`,
    output: `${directory}/${start}.out.jsonl`,
    errors: `${directory}/${start}.err.txt`,
  }
}

const READ_RECORD = 'cat "$CONFIG"/projects/*/"$ID".jsonl 2>/dev/null | tail -n "+$FROM" | head -c "$MOST"'

/** Claude Code looks for a record in a folder that is named after the path of the workspace. */
const WRITE_RECORD = [
  'd="$CONFIG/projects/$(pwd -P | tr -c "A-Za-z0-9\\n" -)"',
  'mkdir -p "$d" && if [ -s "$d/$ID.jsonl" ]; then echo kept; else cat > "$d/$ID.jsonl" && echo written; fi',
].join('\n')

const AT_ONCE = 4 * 1024 * 1024

/**
 * Reads the complete lines of the record from a line number on, at most some megabytes.
 *
 * @param given.from number of the first line to read; the record starts at 1.
 */
export async function readRecord(
  sandbox: Sandbox,
  given: { readonly files: SessionFiles; readonly id: string; readonly from: number },
): Promise<string> {
  const { files, id, from } = given
  const env = { CONFIG: files.config, ID: id, FROM: String(from), MOST: String(AT_ONCE) }
  const { stdout } = await sandbox.exec(READ_RECORD, { env, maxOutputBytes: AT_ONCE + 64, timeoutMs: 60_000 })
  return stdout.slice(0, stdout.lastIndexOf('\n') + 1)
}

/**
 * Puts a record where Claude Code looks for it, unless the sandbox has one, which is newer.
 *
 * @returns false if there is no record in the end.
 */
export async function restoreRecord(
  sandbox: Sandbox,
  given: {
    readonly files: SessionFiles
    readonly id: string
    readonly workspace: string
    readonly record: string | undefined
  },
): Promise<boolean> {
  const { files, id, workspace, record } = given
  const env = { CONFIG: files.config, ID: id }
  const { stdout, exitCode } = await sandbox.exec(WRITE_RECORD, {
    cwd: workspace,
    env,
    stdin: record ?? '',
    timeoutMs: 60_000,
  })
  return exitCode === 0 && (stdout.trim() === 'kept' || (record ?? '') !== '')
}
