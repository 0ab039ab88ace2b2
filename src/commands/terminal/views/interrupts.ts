import { openSync } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'
import type { Screen } from './screen.ts'

/** npm forwards the Ctrl-C that the terminal has already sent us, so one key press can arrive twice within this time. */
const SAME_KEY_PRESS_MS = 300

/** What Ctrl-C and SIGTERM do while a run is shown. */
export interface Interrupts {
  /** The question that is shown at the moment; undefined without one. */
  question(): string | undefined
  /** Aborts when the person detaches. */
  readonly left: AbortSignal
  close(): void
}

/**
 * Listens for Ctrl-C and SIGTERM. Ctrl-C offers to stop the run or to detach from it, and a second Ctrl-C detaches.
 * Without a terminal, and on SIGTERM, the command detaches at once. The run itself continues.
 *
 * @param options.stop called for the key `s`; without it, Ctrl-C asks nothing and detaches.
 * @param options.leaving describes what the key `d` does.
 */
export function watchInterrupts({
  screen,
  stop,
  leaving: whatLeavingDoes,
}: {
  readonly screen: Screen
  readonly stop: (() => void) | undefined
  readonly leaving: string
}): Interrupts {
  const question = `  s stop the run · d ${whatLeavingDoes} · other keys continue`
  const leaving = new AbortController()
  let asked: { readonly at: number; readonly keys: Keys } | undefined

  function leave(): void {
    answered()
    leaving.abort()
  }
  function answered(): void {
    asked?.keys.close()
    asked = undefined
    screen.status('')
  }
  function onKey(key: string): void {
    answered()
    if (key === '\u0003' || key === 'd' || key === 'D') leave()
    else if (key === 's' || key === 'S') stop?.()
  }
  function interrupt(): void {
    if (asked) {
      if (Date.now() - asked.at > SAME_KEY_PRESS_MS) leave()
      return
    }
    const keys = stop && screen.isLive ? openKeys(onKey) : undefined
    if (keys) {
      asked = { at: Date.now(), keys }
      screen.status(question)
    } else leave()
  }

  process.on('SIGINT', interrupt)
  process.on('SIGTERM', leave)
  return {
    question: () => (asked ? question : undefined),
    left: leaving.signal,
    close() {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', leave)
      answered()
    },
  }
}

interface Keys {
  close(): void
}

/** Reads single keys of the terminal, without Enter; undefined if there is no terminal to read from. */
function openKeys(onKey: (key: string) => void): Keys | undefined {
  const input = terminalInput()
  if (!input) return undefined
  const { stream, release } = input
  const onData = (data: Buffer) => onKey(data.toString('latin1'))
  stream.setRawMode(true)
  stream.on('data', onData)
  stream.resume()
  return {
    close() {
      stream.off('data', onData)
      stream.setRawMode(false)
      stream.pause()
      release()
    },
  }
}

/** Opens the terminal itself, because standard input may hold the prompt. */
function terminalInput(): { readonly stream: ReadStream; readonly release: () => void } | undefined {
  if (isatty(0)) return { stream: process.stdin, release: () => {} }
  try {
    const stream = new ReadStream(openSync('/dev/tty', 'r'))
    return { stream, release: () => void stream.destroy() }
  } catch {
    return undefined
  }
}
