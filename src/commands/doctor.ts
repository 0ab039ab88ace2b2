import { parseArgs } from 'node:util'
import { type Config, readConfig } from '../config.ts'
import { createTokenKeeper } from '../github/token-keeper.ts'
import { describeQuestions, MOST_ASKED } from '../readiness/check-models.ts'
import { examine } from '../readiness/examine.ts'
import { type CheckedPart, type Finding, isReady } from '../readiness/finding.ts'
import { listParts } from '../readiness/parts.ts'
import { createRedact } from '../secrets/redact.ts'
import { createLazySandboxProvider } from '../wiring/load-later.ts'
import { MOST_PROBED, probeModel } from './probe-models.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'
import { lookAtDatabase } from './terminal/service/look-at-database.ts'
import { showAsTheyCome } from './terminal/views/show-findings.ts'

const USAGE = `npm run doctor               tries every part that a run needs, and says what you lose if one is missing
npm run doctor -- --models   also asks each model to call a tool and to describe a picture

  The doctor asks each model one small question and starts a sandbox for a moment. With a real provider, that costs a cent or less.
  Exit code 0: a whole run could work with these settings. 1: it could not.`

async function doctor(args: readonly string[]): Promise<number> {
  const options = { models: { type: 'boolean', default: false } } as const
  const { values } = parseArgs({ args: [...args], options })
  const config = readConfig()
  const redact = createRedact(config.secrets)
  const tokens = createTokenKeeper({ apiUrl: config.github.apiUrl })
  const database = lookAtDatabase(config.database)
  const deps = { tokens, sandboxes: createLazySandboxProvider(config), database: database.open }
  const parts = listParts(config, deps).map((part) => (values.models ? withProbe(part, config) : part))
  process.stdout.write(`${describeCost(parts, config.models, values.models)}\n`)
  const looks = parts.map((part) => ({ part, finding: examine(part, redact) }))
  const findings = await showAsTheyCome(looks, process.stdout)
  process.stdout.write(`${conclude(findings)}\n`)
  await Promise.all([tokens.close(), database.close()])
  return isReady(findings) ? 0 : 1
}

function withProbe(part: CheckedPart, { models }: Config): CheckedPart {
  const ref = models.chain.find(({ provider, id }) => part.id === `model-${provider}:${id}`)
  return ref && part.paid ? { ...part, look: () => probeModel(models, ref) } : part
}

/** The most that the doctor's questions can cost, printed before it asks any. */
function describeCost(parts: readonly CheckedPart[], models: Config['models'], probes: boolean): string {
  const asked = models.chain.filter(({ provider, id }) =>
    parts.some((part) => part.paid && part.id === `model-${provider}:${id}`),
  )
  return asked.length === 0
    ? ''
    : `\n  ${describeQuestions(models, asked, probes ? MOST_PROBED : MOST_ASKED)}`
}

function conclude(findings: readonly Finding[]): string {
  if (isReady(findings)) return '  Ready: a run could work from its start to its end.\n'
  const names = findings.filter((finding) => !isReady([finding])).map(({ name }) => name)
  return `  Not ready: ${names.join(', ')}.\n`
}

await runFromTerminal(USAGE, doctor)
// Ends the process without waiting for tries that exceeded their time limit.
process.exit()
