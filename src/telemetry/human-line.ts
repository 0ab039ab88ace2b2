const SHOWN_BY_ITSELF = ['level', 'time', 'msg']
const SIGNS: Readonly<Record<string, string>> = { warn: '! ', error: '✗ ', fatal: '✗ ' }

/** One line of the log for a person at a terminal: time, what happened, then its facts; `line` is as pino writes it. */
export function humanLine(line: string): string {
  const record = parse(line)
  if (record === undefined) return line
  const message = String(record.msg ?? '')
  const facts = Object.entries(record)
    .filter(([name, value]) => !SHOWN_BY_ITSELF.includes(name) && !message.includes(String(value)))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const time = String(record.time ?? '').slice(11, 19)
  const shown = [time, `${SIGNS[String(record.level)] ?? ''}${message}`, ...facts].join('  ')
  // What a repository printed must not steer the terminal.
  return `${shown.replace(/\p{Cc}/gu, ' ')}\n`
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}
