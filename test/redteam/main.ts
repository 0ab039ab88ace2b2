import { SANDBOXES } from '../support/sandboxes.ts'
import { play, scenesFor } from './scenes.ts'
import { type Place, startTarget, type Verdict } from './target.ts'

const USAGE = `npm run redteam [-- --sandbox local|e2b]

Attacks the product through the real pipeline, with a model that always obeys the attacker, and prints what contained each
attack. Everything runs on this machine; E2B is played by a stand-in, which cannot show the isolation of its machines.
Exit code 1 if an attack was not contained.`

const PLACES: readonly Place[] = ['local', 'e2b']
const print = (text: string) => void process.stdout.write(`${text}\n`)

function readPlaces(args: readonly string[]): readonly Place[] | undefined {
  if (args.length === 0) return PLACES
  const chosen = PLACES.filter((place) => place === args[1])
  return args.length === 2 && args[0] === '--sandbox' && chosen.length === 1 ? chosen : undefined
}

async function attackAll(place: Place): Promise<readonly Verdict[]> {
  const target = await startTarget(place, { verify: 'full' })
  const verdicts: Verdict[] = []
  try {
    for (const scene of scenesFor(place)) {
      const found = await play(scene, target)
      verdicts.push(...found)
      for (const verdict of found) print(row(place, verdict))
    }
    print(row(place, reachedThief(target.stolen)))
    return [...verdicts, reachedThief(target.stolen)]
  } finally {
    await target.stop()
  }
}

function reachedThief(stolen: readonly string[]): Verdict {
  return {
    attack: 'all of them together',
    threat: 'T9',
    layer: '-',
    contained: stolen.length === 0,
    evidence: `${stolen.length} requests reached the attacker's server`,
  }
}

/** One row of a Markdown table, so that it can be pasted into a report. */
function row(place: Place, { attack, threat, layer, contained, evidence }: Verdict): string {
  const mark = contained ? 'contained' : '**NOT CONTAINED**'
  return `| ${[attack, threat, place, mark, layer, evidence].map(cell).join(' | ')} |`
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 200)
}

async function main(): Promise<number> {
  const places = readPlaces(process.argv.slice(2))
  if (!places) {
    print(USAGE)
    return process.argv.includes('--help') ? 0 : 1
  }
  print('| attack | threat | sandbox | | by | seen |\n|---|---|---|---|---|---|')
  const verdicts: Verdict[] = []
  for (const place of places) {
    const missing = SANDBOXES.find(({ sandbox }) => sandbox === place)?.missing
    if (missing) print(`| the ${place} sandbox was left out | | | | | ${cell(missing)} |`)
    else verdicts.push(...(await attackAll(place)))
  }
  const open = verdicts.filter(({ contained }) => !contained).length
  print(`\n${verdicts.length - open} of ${verdicts.length} attacks contained.`)
  return open === 0 && verdicts.length > 0 ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  },
)
