import { randomBytes, randomUUID } from 'node:crypto'
import type { Sandbox as E2bSandbox } from 'e2b'
import { shellQuote } from '../../text/shell-quote.ts'
import { HOST_HOME } from '../box/shells.ts'
import type { ExecOptions } from '../sandbox.ts'
import type { E2bReach } from './e2b-reach.ts'
import { FOLLOW, SKIPS_LOCALE, SUPERVISOR } from './supervisor.ts'

/** A sandbox that commands run in. */
export interface E2bPlace {
  readonly sandbox: E2bSandbox
  readonly reach: E2bReach
  readonly home: string
  /**
   * The user to name in each call: after a restart, the daemon in the sandbox takes a call without a user for one of
   * root.
   */
  readonly user: string
  /** Ids of finished commands. The next command removes their directories. */
  readonly finished: string[]
}

/** A command that is ready to be sent, as often as needed: the sandbox runs it once. */
export interface E2bCommand {
  /** Unique in the sandbox; letters, digits and `-`. */
  readonly id: string
  /** A line that only the host knows. Whatever a sandbox prints before it does not come from the supervisor. */
  readonly mark: string
  /** The command's own files in the sandbox. */
  readonly directory: string
  /** The script that the SDK runs. */
  readonly script: string
  readonly envs: Readonly<Record<string, string>>
  /** How many bytes are kept of the beginning, and as many of the end, of each stream. */
  readonly keptBytes: number
}

export const DEFAULT_TIMEOUT_MS = 120_000
const DEFAULT_OUTPUT_BYTES = 1024 * 1024
/** Linux allows 128 KiB for one argument, so longer commands and inputs travel as files. */
const MAX_SCRIPT_BYTES = 100 * 1024
/** Input up to this size travels in the script. */
const INLINE_STDIN_BYTES = 24 * 1024
/** If the host fails to end a command, the sandbox ends it this much later. */
const SPARE_SECONDS = 15
const FILE_TIMEOUT_MS = 60_000

/** Environment of Backspace's own scripts in the sandbox: with it, `bash -l` finds no profile to read. */
export const NO_PROFILE = { HOME: HOST_HOME } as const

type Planned = Pick<ExecOptions, 'shell' | 'cwd' | 'env' | 'timeoutMs' | 'maxOutputBytes' | 'stdin'> & {
  readonly command: string
}

/** Makes a command ready to be sent, and uploads what is too long for an argument. */
export async function prepareCommand(
  place: E2bPlace,
  command: string,
  options: ExecOptions,
): Promise<E2bCommand> {
  const id = randomUUID()
  const mark = randomBytes(16).toString('hex')
  const directory = `${place.home}/.backspace/exec/${id}`
  const { next, signal } = options
  const planned: Planned[] = [{ ...options, command }, ...(next ? [next] : [])]
  const upload = async (name: string, content: string | Uint8Array) => {
    await uploadFile(place, { path: `${directory}/${name}`, bytes: Buffer.from(content), signal })
    return `${directory}/${name}`
  }

  async function fieldsOf(one: Planned, number: number, isLong: boolean): Promise<string[]> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, stdin } = one
    const input = stdin === undefined ? undefined : Buffer.from(stdin)
    const isInline = input !== undefined && input.length <= INLINE_STDIN_BYTES && !isLong
    return [
      one.shell ?? 'host',
      one.cwd ?? place.home,
      String(Math.ceil(timeoutMs / 1000) + SPARE_SECONDS),
      String(keptBytesOf(one)),
      number === 1 ? id : `${id}-next`,
      ...(isLong ? ['file', await upload(`command${number}`, one.command)] : ['inline', one.command]),
      ...(input === undefined
        ? ['none', '']
        : isInline
          ? ['hex', input.toString('hex')]
          : ['file', await upload('stdin', input)]),
    ]
  }

  const finished = place.finished.splice(0)
  async function scriptOf(isLong: boolean): Promise<string> {
    const fields = await Promise.all(planned.map((one, index) => fieldsOf(one, index + 1, isLong)))
    const args = [FOLLOW, directory, mark, place.home, finished.join(' '), ...fields.flat()]
    return `exec perl -e ${shellQuote(SUPERVISOR)} -- ${args.map(shellQuote).join(' ')}`
  }
  const isLong = planned.some((one) => Buffer.byteLength(one.command) > MAX_SCRIPT_BYTES)
  const short = isLong ? undefined : await scriptOf(false)
  const fits = short !== undefined && Buffer.byteLength(short) <= MAX_SCRIPT_BYTES
  return {
    id,
    mark,
    directory,
    script: fits ? short : await scriptOf(true),
    envs: { ...NO_PROFILE, [SKIPS_LOCALE]: '1', ...environmentOf(planned) },
    keptBytes: Math.max(...planned.map(keptBytesOf)),
  }
}

function keptBytesOf({ maxOutputBytes = DEFAULT_OUTPUT_BYTES }: Planned): number {
  return Math.max(1, Math.ceil(maxOutputBytes / 2))
}

/**
 * The variables of the commands, under names that mean nothing to the shell that starts the supervisor. They are not in
 * the script, since every process can see arguments.
 */
function environmentOf(planned: readonly Planned[]): Record<string, string> {
  return Object.fromEntries(
    planned.flatMap(({ env = {} }, index) =>
      Object.entries(env).map(([name, value]) => [`_BS${index + 1}_${name}`, value]),
    ),
  )
}

interface Upload {
  /** Absolute. Use only paths that Backspace chose itself, since the daemon writes as root and waits for pipes. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly signal?: AbortSignal | undefined
}

/** @throws {SandboxError} */
export async function uploadFile(place: E2bPlace, { path, bytes, signal }: Upload): Promise<void> {
  const { sandbox, reach, user } = place
  await reach.call(
    () =>
      sandbox.files.write(path, new Uint8Array(bytes).buffer, {
        user,
        requestTimeoutMs: FILE_TIMEOUT_MS,
        signal: AbortSignal.any(signal ? [signal] : []),
      }),
    { signal, path },
  )
}
