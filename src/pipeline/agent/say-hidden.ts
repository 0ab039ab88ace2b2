import { counted } from '../../text/amounts.ts'
import { blockLength, commentMarks, type HiddenText } from '../../text/markdown/visible-text.ts'
import type { Journal } from '../journal.ts'
import type { InstructionReader } from './read-instructions.ts'

/** Characters. Shorter hidden text is usually the name of a picture and not worth a warning. */
const WORTH_SAYING = 100
const MOST_TEMPLATES = 10
const TEMPLATE =
  /^(?:\.github\/|docs\/)?(?:issue_template|pull_request_template)(?:\.md|\/[^/]+\.(?:md|ya?ml))$/i

/**
 * Says how much text was left out of a request and its thread because no reader sees it. Warnings stand in the comment: invisible
 * characters, long attributes, and HTML comments that none of the repository's own templates has. The rest is on the page
 * of the run; a notice in every comment would teach people to overlook it.
 */
export async function sayWhatWasHidden(
  hidden: HiddenText,
  { notice }: Pick<Journal, 'notice'>,
  files: Pick<InstructionReader, 'listPaths' | 'readFile'>,
): Promise<void> {
  const { comments, invisible, markup = 0, blocks = [] } = hidden
  const known = blocks.length === 0 ? new Set<string>() : await readTemplates(files)
  const others = blocks.filter((block) => !known.has(block))
  const ofTemplates = blocks
    .filter((block) => known.has(block))
    .reduce((sum, one) => sum + blockLength(one), 0)
  // Counts of an older version have no blocks.
  const ofOthers = blocks.length === 0 ? 0 : comments - ofTemplates
  if (invisible > 0) {
    const what = counted(invisible, 'invisible character')
    notice(
      'warning',
      `${what} in the request ${invisible === 1 ? 'was' : 'were'} left out: the agent reads what people see.`,
    )
  }
  if (ofOthers > 0) {
    const what = `${counted(Math.max(1, others.length), 'HTML comment')} (${counted(ofOthers, 'character')})`
    const verb = others.length > 1 ? 'were' : 'was'
    notice('warning', `${what} in the thread ${verb} left out: the agent reads what people see.`)
  }
  if (markup > 0) {
    const what = `${counted(markup, 'character')} of texts behind links, pictures and tags in the thread`
    const verb = markup === 1 ? 'was' : 'were'
    notice(markup < WORTH_SAYING ? 'info' : 'warning', `${what} ${verb} left out: no reader sees them.`)
  }
  if (comments > ofOthers) {
    const rest = comments - ofOthers
    const what = counted(rest, 'character')
    notice('info', `${what} of HTML comments in the request ${rest === 1 ? 'was' : 'were'} left out.`)
  }
}

/** The HTML comments in the repository's templates for issues and pull requests. */
async function readTemplates({
  listPaths,
  readFile,
}: Pick<InstructionReader, 'listPaths' | 'readFile'>): Promise<ReadonlySet<string>> {
  const paths = (await listPaths()).filter((path) => TEMPLATE.test(path)).slice(0, MOST_TEMPLATES)
  const texts = await Promise.all(paths.map(readFile))
  return new Set(texts.flatMap((file) => (file === undefined ? [] : commentMarks(file.text))))
}
