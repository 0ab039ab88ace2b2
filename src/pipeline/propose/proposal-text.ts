import { namePaths, partsByReason } from '../../checks/plans/parts-by-reason.ts'
import type { UncheckedPart } from '../../checks/plans/plan.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import { failsInPart, type ProposedCommand, type ProposedSettings } from '../../checks/settings-proposal.ts'
import { type Run, requesterLogin } from '../../runs/run.ts'
import { counted, durationText } from '../../text/amounts.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { commandSpan, fenced, inlineCode } from '../../text/markdown/fenced.ts'
import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem } from '../../text/markdown/outbound-markdown.ts'
import {
  joinSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'
import { inStyle } from '../conventions/in-style.ts'
import type { TitleStyle } from '../conventions/title-style.ts'

/** The facts that a proposal's texts are made from. */
export interface ProposalFacts {
  readonly commands: ProposedSettings
  /** Path of the settings file. */
  readonly path: string
  /** The commit at which the commands were tried. */
  readonly sha: string
  /** Sentences on what the repository asked for and did not get, and on what went wrong. */
  readonly missing: readonly string[]
  readonly notCovered: readonly UncheckedPart[]
  /** `owner/name` */
  readonly repository: string
}

const MOST_ROWS = 60
const MOST_ITEMS = 20

/** A table of the commands and how they ended, then what is missing and what no check covers. */
export function triedText(facts: ProposalFacts): SafeMarkdown {
  const { commands, missing, notCovered, repository } = facts
  const options = { repository }
  return joinSafe(
    [
      commandsTable(commands),
      section(
        'What is missing',
        missing.map((sentence) => item(sentence, options)),
      ),
      section(
        'Not covered',
        partsByReason(notCovered).map(({ paths, reason }) => {
          const where = namePaths(paths, inlineCode).replace(/^[a-z]/, (first) => first.toUpperCase())
          return safeMarkdown`- ${ownWords(where)}: ${outboundItem(reason, options)}`
        }),
      ),
    ],
    '\n\n',
  )
}

/** @param corrects true if the file exists and is corrected. */
export function proposalTitle(path: string, corrects: boolean, style: TitleStyle): string {
  const title = corrects
    ? `Correct what does not work in ${path}`
    : 'Say how Backspace installs and checks this repository'
  return inStyle(title, style, { paths: [path], isFix: corrects })
}

/** The text of the pull request that adds or corrects the file. */
export function proposalBody(
  facts: ProposalFacts,
  {
    run,
    runUrl,
    isCorrection,
    without,
  }: {
    readonly run: Pick<Run, 'request'>
    readonly runUrl: string | undefined
    readonly isCorrection: boolean
    /** Commands that the file does not contain. */
    readonly without: readonly ProposedCommand[]
  },
): SafeMarkdown {
  const { path, sha } = facts
  const file = inlineCode(path)
  const what = isCorrection
    ? safeMarkdown`Something in ${file} does not work. This corrects \`setup\` and \`checks\` and leaves the rest of the file as it is.`
    : safeMarkdown`This says in ${file} how Backspace installs and checks this repository.`
  const how = safeMarkdown`Each command ran in a clean sandbox on ${ownWords(sha.slice(0, 7))}. No AI model was used, so this run cost nothing.`
  const login = requesterLogin(run.request)
  const { thread } = run.request
  const footer = [
    `Requested by ${login === undefined ? 'an API client' : `@${login}`}`,
    'no AI model',
    ...(runUrl === undefined ? [] : [`[the run, step by step](${runUrl})`]),
  ]
  return joinSafe(
    [
      safeMarkdown`${what} ${how}`,
      triedText(facts),
      section(
        'No room in the file',
        without.map(({ command }) => safeMarkdown`- ${commandSpan(command)}`),
      ),
      section('If you merge it', consequences(facts.commands.checks, isCorrection)),
      thread === undefined ? NOTHING : safeMarkdown`For #${thread.number}`,
      ownWords(`---\n<sub>${footer.join(' · ')}</sub>`),
    ],
    '\n\n',
  )
}

function consequences(checks: readonly ProposedCommand[], isCorrection: boolean): readonly SafeMarkdown[] {
  const red = checks.filter(
    ({ result, leftOut }) => leftOut === undefined && result !== undefined && failsInPart(result),
  )
  return [
    ...red.map(
      ({ command }) =>
        safeMarkdown`- ${commandSpan(command)} fails already. It is named anyway, since its tests are compared one by one: a change answers for those that passed before it.`,
    ),
    safeMarkdown`- From then on exactly these commands run before and after each change, in this order. Change, add or delete some here first if you like.`,
    safeMarkdown`- Without the key \`checks\`, Backspace finds the checks itself, and runs those of the folders that a change reaches.`,
    isCorrection
      ? NOTHING
      : safeMarkdown`- The file can say more: \`env\`, \`services\`, \`egress\`, \`setup-minutes\`, \`check-minutes\`, \`verify\`, \`prove\`, \`agent\`.`,
  ].filter((line) => line !== '')
}

/** Tells people what to write themselves when no command was found, or none works. */
export function nothingFoundText(facts: ProposalFacts): SafeMarkdown {
  const { commands, path } = facts
  const hasRun = commands.setup.length + commands.checks.length > 0
  const why = hasRun
    ? safeMarkdown`None of the commands that Backspace found works, so there is nothing to propose.`
    : safeMarkdown`Backspace found nothing here that installs or checks this repository: no manifest, lock file, test or CI workflow that it knows.`
  return joinSafe(
    [
      why,
      hasRun || facts.missing.length + facts.notCovered.length > 0 ? triedText(facts) : NOTHING,
      safeMarkdown`If you know the commands, write them into ${inlineCode(path)} on the default branch, and comment \`/backspace setup\` again to have them tried:`,
      fenced(EXAMPLE, 'yaml'),
    ],
    '\n\n',
  )
}

const EXAMPLE = `setup: # installs what the checks need; from the root of the repository
  - ./scripts/install.sh
checks: # each ends with 0 if all is well
  - ./scripts/test.sh`

function commandsTable({ setup, checks }: ProposedSettings): SafeMarkdown {
  const all = [
    ...setup.map((one) => ({ ...one, kind: 'setup' })),
    ...checks.map((one) => ({ ...one, kind: 'check' })),
  ]
  if (all.length === 0) return NOTHING
  const rows = all
    .slice(0, MOST_ROWS)
    .map(
      ({ command, result, leftOut, kind }) =>
        safeMarkdown`| ${ownWords(kind)} | ${commandSpan(command)} | ${ownWords(endingText(result))}${ownWords(leftOut === undefined ? '' : ', left out')} | ${ownWords(testsText(result))} | ${ownWords(timeText(result))} |`,
    )
  const more =
    all.length > MOST_ROWS ? safeMarkdown`${all.length - MOST_ROWS} more commands are not shown.` : NOTHING
  const table = [
    safeMarkdown`| | Command | Result | Tests | Time |`,
    safeMarkdown`|---|---|---|---:|---:|`,
    ...rows,
  ]
  return joinSafe([joinSafe(table, '\n'), more, ...outputs(checks)], '\n\n')
}

function endingText(result: CheckResult | undefined): string {
  if (result === undefined) return '➖ not run'
  const { exitCode } = result
  switch (checkEnding(result)) {
    case 'passed':
      return '✅ passed'
    case 'flaky':
      return '⚠️ passed on the second try'
    case 'failed':
      return `❌ failed (exit code ${exitCode})`
    case 'cannot_run':
      return `➖ could not run (exit code ${exitCode})`
    case 'did_not_end':
      return '⏱️ did not end'
    case 'not_started':
      return '➖ no time was left'
  }
}

function testsText(result: CheckResult | undefined): string {
  const { passed = 0, failed = 0 } = result?.tests ?? {}
  if (passed + failed === 0) return ''
  return failed === 0 ? counted(passed, 'test') : `${failed} of ${counted(passed + failed, 'test')} failed`
}

function timeText(result: CheckResult | undefined): string {
  return result === undefined || result.durationMs === 0 ? '' : durationText(result.durationMs)
}

/** The outputs of failed checks, which show why they failed. */
function outputs(checks: readonly ProposedCommand[]): readonly SafeMarkdown[] {
  const failed = checks.filter(
    ({ result }) => result !== undefined && result.exitCode !== 0 && result.tail !== '',
  )
  return failed.slice(0, 3).map(({ result }) => {
    const tail = (result?.tail ?? '').split('\n').slice(-25).join('\n')
    return safeMarkdown`<details><summary>Output of a check that did not pass</summary>\n\n${commandSpan(result?.command ?? '')}\n\n${fenced(tail, 'text')}\n\n</details>`
  })
}

function item(sentence: string, options: OutboundOptions): SafeMarkdown {
  return safeMarkdown`- ${outboundItem(sentence, { ...options, maxChars: 500 })}`
}

function section(title: string, items: readonly SafeMarkdown[]): SafeMarkdown {
  if (items.length === 0) return NOTHING
  const more = items.length > MOST_ITEMS ? [safeMarkdown`- … and ${items.length - MOST_ITEMS} more`] : []
  return safeMarkdown`### ${ownWords(title)}\n\n${joinSafe([...items.slice(0, MOST_ITEMS), ...more], '\n')}`
}
