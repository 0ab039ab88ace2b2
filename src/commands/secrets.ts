import { readFileSync, writeFileSync } from 'node:fs'
import { type CatchRate, measureCatchRates, totalRate } from '../secrets/catch-rates.ts'
import { findSecrets } from '../secrets/find-secrets.ts'
import { convertRules } from '../secrets/gitleaks/convert-rules.ts'
import { WrongUsage } from './terminal/run/wrong-usage.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'

const USAGE = `npm run secrets -- rates                            counts how many of gitleaks' own samples are found, by rule
npm run secrets -- scan <file…>                     lists the secrets in these files
npm run secrets -- update <gitleaks.toml> <commit>  imports the rules of gitleaks again`

const percent = (part: number, whole: number) =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`

function row({ rule, secrets, found, harmless, false: wrong }: CatchRate): string {
  const caught = `${found}/${secrets}`.padStart(11) + percent(found, secrets).padStart(9)
  return `${rule.padEnd(44)}${caught}${`${wrong}/${harmless}`.padStart(9)}${percent(wrong, harmless).padStart(9)}\n`
}

function showRates(): number {
  const rates = measureCatchRates()
  const head = `${'rule'.padEnd(44)}${'found'.padStart(20)}${'false'.padStart(18)}\n`
  process.stdout.write(`${head}${rates.map(row).join('')}${row(totalRate(rates))}`)
  return 0
}

function scan(paths: readonly string[]): number {
  const findings = paths.flatMap((path) =>
    findSecrets(readFileSync(path, 'latin1'), { knownSecrets: [] }).map((finding) => ({ path, ...finding })),
  )
  for (const { path, line, rule, name } of findings)
    process.stdout.write(`${path}:${line}  ${rule}  ${name}\n`)
  return findings.length === 0 ? 0 : 1
}

async function update(path: string, commit: string): Promise<number> {
  const { parse } = await import('smol-toml')
  const converted = convertRules(parse(readFileSync(path, 'utf8')), commit)
  const target = new URL('../secrets/gitleaks/rules.json', import.meta.url)
  writeFileSync(target, `${JSON.stringify(converted, null, 2)}\n`)
  process.stdout.write(`${converted.rules.length} rules of gitleaks ${commit}\n`)
  return 0
}

async function secrets([command, ...rest]: readonly string[]): Promise<number> {
  const [path, commit] = rest
  if (command === 'rates') return showRates()
  if (command === 'scan' && rest.length > 0) return scan(rest)
  if (command === 'update' && path !== undefined && commit !== undefined) return update(path, commit)
  throw new WrongUsage('Write `rates`, `scan` with files, or `update` with the file of rules and its commit.')
}

await runFromTerminal(USAGE, secrets, () => 2)
