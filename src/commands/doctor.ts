import { readConfig } from '../config.ts'
import { knownError } from '../errors.ts'
import { createRedact } from '../secrets/redact.ts'
import { diagnose, type Finding } from './diagnose.ts'
import { createPaint } from './terminal/paint.ts'

const paint = createPaint(process.stdout)

function show({ status, name, fact, advice }: Finding): string {
  const mark = { ok: paint('green', '✓'), missing: paint('yellow', '–'), broken: paint('red', '✗') }[status]
  const rest = advice === undefined ? '' : `\n    ${' '.repeat(16)}${paint('dim', advice)}`
  return `  ${mark} ${name.padEnd(16)}${fact}${rest}\n`
}

async function doctor(): Promise<number> {
  const config = readConfig()
  const findings = await diagnose(config)
  const redact = createRedact(config.secrets)
  process.stdout.write(redact(`\n  ${paint('bold', 'Backspace doctor')}\n\n${findings.map(show).join('')}\n`))
  return findings.some(({ status }) => status === 'broken') ? 1 : 0
}

doctor().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const message = knownError(error)?.userMessage ?? 'The doctor failed for a reason it does not know.'
    process.stderr.write(`\n${message}\n`)
    process.exit(1)
  },
)
