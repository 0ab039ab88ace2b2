import { StringDecoder } from 'node:string_decoder'
import { joinHeadAndTail } from '../box/bounded-tail.ts'
import type { ExecOptions, ExecResult } from '../sandbox.ts'

/** How a command ended, according to the sandbox. */
export type CommandEnd = Pick<ExecResult, 'exitCode' | 'stdout' | 'stderr'>

/** `result` is the command itself, `next` the one that was sent along. These are also names of files in the sandbox. */
export type Part = 'result' | 'next'

/** Reads the report that the supervisor of a command prints. */
export interface SupervisorReport {
  /** Takes the next piece of the supervisor's stdout. */
  receive(text: string): void
  /** Takes the lines that the sandbox kept about one command, in place of those that were received. */
  load(part: Part, lines: string): void
  readonly ended: Readonly<Record<Part, Promise<CommandEnd>>>
  /** What a command has printed so far, for a command that never reports its end. */
  soFar(part: Part): Pick<ExecResult, 'stdout' | 'stderr'>
  /**
   * - `silent`: the supervisor has sent nothing yet.
   * - `running`: it started the command.
   * - `elsewhere`: the command started before, for another request.
   * - `refused`: it could not start the command.
   */
  state(): 'silent' | 'running' | 'elsewhere' | 'refused'
  /** What was printed before the supervisor started, or why it refused; for people, at most 1000 characters. */
  complaint(): string
}

const MAX_COMPLAINT = 1000

/** @param mark the line that only the host knows. Whatever comes before it is noise. */
export function createSupervisorReport(
  mark: string,
  live: Pick<ExecOptions, 'onStdout' | 'onStderr'>,
): SupervisorReport {
  const parts = { result: createRecord(live), next: createRecord({}) }
  let state: ReturnType<SupervisorReport['state']> = 'silent'
  let complaint = ''
  let pending = ''

  function readLine(line: string): void {
    const kind = line[0] ?? ''
    if (state === 'silent') {
      if (line === mark) state = 'running'
      else complaint = `${complaint}${line}\n`.slice(-MAX_COMPLAINT)
    } else if (kind === 'A') state = 'elsewhere'
    else if (kind === 'N') {
      state = 'refused'
      complaint = line.slice(2)
    } else if (kind === kind.toUpperCase()) parts.result.read(kind, line.slice(2))
    else parts.next.read(kind.toUpperCase(), line.slice(2))
  }

  return {
    receive(text) {
      const lines = `${pending}${text}`.split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) readLine(line)
    },
    load(part, lines) {
      parts[part].restart()
      for (const line of lines.split('\n')) parts[part].read((line[0] ?? '').toUpperCase(), line.slice(2))
    },
    ended: { result: parts.result.ended, next: parts.next.ended },
    soFar: (part) => parts[part].soFar(),
    state: () => state,
    complaint: () => complaint.trim(),
  }
}

/** Reads the lines about one of the two commands. */
function createRecord(live: Pick<ExecOptions, 'onStdout' | 'onStderr'>) {
  const { promise: ended, resolve } = Promise.withResolvers<CommandEnd>()
  let streams = { stdout: createStream(live.onStdout), stderr: createStream(live.onStderr) }

  function soFar(totals: readonly number[] = []) {
    return { stdout: streams.stdout.text(totals[0]), stderr: streams.stderr.text(totals[1]) }
  }
  return {
    ended,
    soFar: () => soFar(),
    /** Starts over, without repeating live output. */
    restart() {
      streams = { stdout: createStream(undefined), stderr: createStream(undefined) }
    },
    read(kind: string, rest: string) {
      if (kind === 'O') streams.stdout.add(rest)
      else if (kind === 'E') streams.stderr.add(rest)
      else if (kind === 'P') streams.stdout.end(rest)
      else if (kind === 'F') streams.stderr.end(rest)
      else if (kind === 'X') {
        const [exitCode = 1, ...totals] = rest.split(' ').map(Number)
        for (const { flush } of Object.values(streams)) flush()
        resolve({ exitCode: Number.isInteger(exitCode) ? exitCode & 255 : 1, ...soFar(totals) })
      }
    },
  }
}

function createStream(emit: ((text: string) => void) | undefined) {
  const decoder = new StringDecoder('utf8')
  const head: Buffer[] = []
  let tail = Buffer.alloc(0)
  const show = (text: string) => {
    if (text !== '') emit?.(text)
  }
  return {
    add(base64: string) {
      const bytes = Buffer.from(base64, 'base64')
      head.push(bytes)
      show(decoder.write(bytes))
    },
    end(base64: string) {
      tail = Buffer.from(base64, 'base64')
    },
    flush: () => show(decoder.end()),
    /** @param total number of bytes including those left out; undefined if none were left out. */
    text(total: number | undefined) {
      const whole = Buffer.concat(head)
      return joinHeadAndTail({ head: whole, tail, total: total ?? whole.length }).toString('utf8')
    },
  }
}
