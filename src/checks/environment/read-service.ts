import { isRecord } from '../../text/is-record.ts'
import type { Service } from './environment.ts'
import { type ReportMistake, unknownKey } from './settings-mistakes.ts'

export const MAX_SERVICES = 5
const MAX_COMMAND = 4000
const DEFAULT_SECONDS = 30
const MAX_SECONDS = 60
const KEYS = ['run', 'port', 'ready', 'seconds']
const SHAPE = 'Write `redis: redis-server`, or give it `run`, and `port` or `ready`'

/** Reads one entry of `services`: a command, or an object with `run`, `port`, `ready` and `seconds`; undefined if it is wrong. */
export function readService(name: string, given: unknown, report: ReportMistake): Service | undefined {
  const key = ['services', name]
  const shown = `service \`${name.slice(0, 40)}\``
  const refuse = (what: string) => report(key, `the ${shown} is not started: ${what}.`)
  if (!/^\w[\w-]{0,39}$/.test(name)) {
    refuse('its name may have letters, digits, `_` and `-`, at most 40')
    return undefined
  }
  const entry = typeof given === 'string' ? { run: given } : given
  if (!isRecord(entry)) {
    refuse(`it needs a command. ${SHAPE}`)
    return undefined
  }
  for (const other of Object.keys(entry)) {
    if (!KEYS.includes(other)) report([...key, other], `in the ${shown}, ${unknownKey(other, KEYS)}`)
  }
  const { run, port, ready, seconds = DEFAULT_SECONDS } = entry
  if (!isCommand(run)) {
    refuse(`\`run\` must be a command. ${SHAPE}`)
    return undefined
  }
  if (port !== undefined && !isWhole(port, 65_535)) {
    refuse('`port` must be a number from 1 to 65535')
    return undefined
  }
  if (ready !== undefined && !isCommand(ready)) {
    refuse('`ready` must be a command that ends with 0 when the service is ready')
    return undefined
  }
  if (!isWhole(seconds, MAX_SECONDS)) {
    refuse(`\`seconds\` must be a number from 1 to ${MAX_SECONDS}`)
    return undefined
  }
  return { name, run: run.trim(), port, ready: ready?.trim(), seconds }
}

function isCommand(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_COMMAND
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most
}
