import type { CommandRun } from '../../checks/run-checks.ts'

/**
 * Cuts the log of a command to `max` characters: whole lines of its start and, as they show how the command ended, more
 * of its end, with a line between them that says how much is left out.
 */
export function boundLog(log: string, max: number): string {
  if (log.length <= max) return log
  const room = Math.max(0, Math.floor(max) - NOTE_CHARS)
  const headChars = Math.floor(room / 4)
  const head = log.slice(0, cutBefore(log, headChars))
  const tail = log.slice(cutAfter(log, log.length - (room - headChars)))
  const leftOut = log.length - head.length - tail.length
  return `${head.toWellFormed()}\n[${leftOut.toLocaleString('en-US')} characters left out]\n${tail.toWellFormed()}`
}

const NOTE_CHARS = 60
/** Characters; the log is cut at a line end within this distance, else in the middle of a line. */
const MOST_BACK = 2000

/** The end of the last whole line before a position. */
function cutBefore(log: string, position: number): number {
  const end = log.lastIndexOf('\n', position)
  return end > position - MOST_BACK && end >= 0 ? end : position
}

/** The start of the first whole line after a position. */
function cutAfter(log: string, position: number): number {
  const start = log.indexOf('\n', position)
  return start >= 0 && start < position + MOST_BACK ? start + 1 : position
}

/** Characters of the logs of all commands together. */
const MOST_LOG = 192 * 1024

/** A setup command for an event, whose log gets an equal share of the space. @param commands how many share it. */
export function loggedCommand({ command, exitCode, durationMs, output }: CommandRun, commands: number) {
  return { command, exitCode, durationMs, output: boundLog(output, MOST_LOG / commands) }
}
