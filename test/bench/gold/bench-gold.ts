import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'
import { type BenchOptions, noMirrors } from '../bench-options.ts'
import { findMirrors } from '../drafts/read-commits.ts'
import type { BenchResult, LeftOut, Measurement } from '../measurement.ts'
import { type CarriedOutFix, carryOutFix } from './carry-out-fix.ts'
import { type GoldFix, type OpenFix, openFix } from './open-fix.ts'

const FIXES = new URL('fixes.json', import.meta.url)

interface Row {
  readonly fix: GoldFix
  readonly result: CarriedOutFix
}

/**
 * Fixes that people made in public projects, each made again by an agent that knows it: each should end as a pull request that
 * is ready, with the tree that people merged. Reads bare clones (`--mirrors`); dependencies come from registries.
 */
export async function benchGold({ mirrors, only, verbose }: BenchOptions): Promise<BenchResult> {
  const probe = await probeLocalSandbox({ path: process.env.PATH })
  const reason = probe.available ? noMirrors(mirrors) : probe.message
  if (!probe.available || !existsSync(mirrors))
    return { measurements: [], leftOut: [{ name: 'all', reason }] }
  const leftOut: LeftOut[] = []
  const rows: Row[] = []
  const clones = new Map(findMirrors(mirrors).map(({ repository, git }) => [repository, git]))
  for (const fix of JSON.parse(await readFile(FIXES, 'utf8')) as readonly GoldFix[]) {
    const name = `${fix.language} ${fix.repository} ${fix.fix}`
    if (only.length > 0 && !only.some((part) => name.includes(part))) continue
    const mirror = clones.get(fix.repository)
    if (mirror === undefined) {
      leftOut.push({ name, reason: `no clone in ${mirrors}` })
      continue
    }
    process.stderr.write(`gold: ${name}\n`)
    const found = await openFix(fix, mirror).catch((error: unknown) => error)
    if (found instanceof Error) {
      leftOut.push({ name, reason: `the clone lacks a part of it: ${found.message.split('\n', 1)[0]}` })
      continue
    }
    await using opened = found as OpenFix
    const result = await carryOutFix(opened, ({ at, message }) => {
      if (verbose) process.stderr.write(`  ${at.slice(11, 19)} ${message.slice(0, 200)}\n`)
    })
    rows.push({ fix, result })
    process.stdout.write(`${lineOf({ fix, result })}\n`)
    if (verbose) await keep(fix, result)
  }
  process.stdout.write(`\n${HEAD}\n${rows.map(lineOf).join('\n')}\n`)
  return { measurements: figuresOf(rows), leftOut }
}

const COLUMNS = [
  'repository',
  'language',
  'install',
  'checks before',
  'checks after',
  'ending',
  'tree',
  'seconds',
]
const HEAD = `| ${COLUMNS.join(' | ')} |\n|${COLUMNS.map(() => '---|').join('')}`

/** A row of a Markdown table. */
function lineOf({ fix, result }: Row): string {
  const { setup, before, after, ending, reasons, verdict, differing, seconds } = result
  const tree = differing === undefined ? '–' : differing.length === 0 ? 'equal' : differing.join(', ')
  const end = `${ending}: ${reasons.length > 0 ? reasons.join(' / ') : verdict}`
  const cells = [
    `${fix.repository} ${fix.fix.slice(0, 8)}`,
    fix.language,
    setup,
    before,
    after,
    end,
    tree,
    seconds.toFixed(0),
  ]
  return `| ${cells.map((cell) => cell.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`
}

/** All that was sent, for a look into a row. */
async function keep({ repository, fix }: GoldFix, { frames, body }: CarriedOutFix): Promise<void> {
  const file = join(tmpdir(), `backspace-gold-${repository.replace('/', '+')}-${fix.slice(0, 8)}.json`)
  await writeFile(file, JSON.stringify({ body, frames }, null, 2))
  process.stderr.write(`gold: the run is in ${file}\n`)
}

function figuresOf(rows: readonly Row[]): readonly Measurement[] {
  const share = (wanted: (row: Row) => boolean) =>
    (100 * rows.filter(wanted).length) / Math.max(1, rows.length)
  const all = { variant: '', unit: '%', target: 100, moreIsBetter: true } as const
  return [
    { name: 'fixes', variant: '', value: rows.length, unit: 'count' },
    { ...all, name: 'ready', value: share(({ result }) => result.ending === 'ready') },
    { ...all, name: 'tree equal', value: share(({ result }) => result.differing?.length === 0) },
  ]
}
