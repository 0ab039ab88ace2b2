import { type Config, readConfig } from '../config.ts'
import { knownError } from '../errors.ts'
import { createRedact, type Redact } from '../secrets/redact.ts'
import { checkClaudeCode } from './check-claude-code.ts'
import { diagnose, type Finding } from './diagnose.ts'
import { describeProbe, probeModel } from './probe-models.ts'
import { createPaint } from './terminal/paint.ts'

const paint = createPaint(process.stdout)

function show({ status, name, fact, advice }: Finding): string {
  const mark = { ok: paint('green', '✓'), missing: paint('yellow', '–'), broken: paint('red', '✗') }[status]
  const rest = advice === undefined ? '' : `\n    ${' '.repeat(16)}${paint('dim', advice)}`
  const place = name.length < 16 ? name.padEnd(16) : `${name}\n${' '.repeat(20)}`
  return `  ${mark} ${place}${fact}${rest}\n`
}

async function doctor(): Promise<number> {
  const config = readConfig()
  const [parts, claudeCode] = await Promise.all([diagnose(config), checkClaudeCode(config)])
  const findings = [...parts, claudeCode]
  const redact = createRedact(config.secrets)
  process.stdout.write(redact(`\n  ${paint('bold', 'Backspace doctor')}\n\n${findings.map(show).join('')}\n`))
  if (process.argv.includes('--models')) findings.push(...(await askModels(config, redact)))
  return findings.some(({ status }) => status === 'broken') ? 1 : 0
}

/** Asks each model of the chain one small question, which costs money: so the most it may cost comes first. */
async function askModels(config: Config, redact: Redact): Promise<readonly Finding[]> {
  const { models } = config
  process.stdout.write(`${describeProbe(models)}\n\n`)
  const findings: Finding[] = []
  for (const ref of models.chain) {
    const finding = await probeModel(models, ref)
    process.stdout.write(redact(show(finding)))
    findings.push(finding)
  }
  process.stdout.write('\n')
  return findings
}

doctor().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const message = knownError(error)?.userMessage ?? 'The doctor failed for a reason it does not know.'
    process.stderr.write(`\n${message}\n`)
    process.exit(1)
  },
)
