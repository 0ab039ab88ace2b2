import { openSync } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'
import type { Screen } from './screen.ts'

/** npm passes on the Ctrl-C that the terminal has sent us already, so the same key press can arrive twice. */
const SAME_KEY_PRESS_MS = 300

/** What Ctrl-C and SIGTERM do while a run is shown. */
export interface Interrupts {
  /** What is asked right now. */
  question(): string | undefined
  /** Aborts when the person leaves. */
  readonly left: AbortSignal
  close(): void
}

/**
 * Ctrl-C offers to stop the run or to leave it; pressed again, it leaves. Where no key can be read, and on SIGTERM, it
 * leaves at once. The run itself goes on.
 *
 * @param options.stop what the key `s` does; without it there is nothing to ask.
 * @param options.leaving what the key `d` does, in words.
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

/** Single keys of the terminal, which need no Enter; undefined if there is no terminal to read from. */
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

/** Standard input may hold the prompt while the person is at a terminal. */
function terminalInput(): { readonly stream: ReadStream; readonly release: () => void } | undefined {
  if (isatty(0)) return { stream: process.stdin, release: () => {} }
  try {
    const stream = new ReadStream(openSync('/dev/tty', 'r'))
    return { stream, release: () => void stream.destroy() }
  } catch {
    return undefined
  }
}
