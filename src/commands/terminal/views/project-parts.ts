import type { Evidence, ProjectPlan, RepositoryPlan } from '../../../checks/plans/plan.ts'
import { counted } from '../../../text/amounts.ts'
import { oneLine, type Paint } from './paint.ts'
import { commandLines, labelled } from './plan-lines.ts'

/** The fewest projects that are shown together. */
const FEWEST = 3

/** What is known of each project. Several without checks, such as examples, are shown together. */
export function projectParts(
  { projects, baseline, said }: Pick<RepositoryPlan, 'projects' | 'baseline' | 'said'>,
  paint: Paint,
): readonly (readonly string[])[] {
  const isIdle = (one: ProjectPlan) =>
    said === undefined && one.checks.length === 0 && !baseline.includes(one)
  const together = [...Map.groupBy(projects.filter(isIdle), ({ ecosystem }) => ecosystem).values()].filter(
    (alike) => alike.length >= FEWEST,
  )
  const grouped = new Set(together.flat())
  return [
    ...projects
      .filter((one) => !grouped.has(one))
      .map((project) => projectPart(project, { baseline, said }, paint)),
    ...together.map((alike) => idlePart(alike, paint)),
  ]
}

function idlePart(projects: readonly ProjectPlan[], paint: Paint): readonly string[] {
  const head = `${projects[0]?.ecosystem} in ${counted(projects.length, 'folder')}`
  const hasSetup = projects.some(({ setup }) => setup.length > 0)
  return [
    paint('bold', oneLine(head)) + paint('dim', '  when a change reaches them'),
    ...labelled('folders', foldersText(projects.map(({ folder }) => folder || 'the root')), paint),
    ...(hasSetup ? labelled('installs', 'what each of them asks for', paint) : []),
    ...labelled('checks', 'nothing says how they are tested', paint, 'yellow'),
  ]
}

function projectPart(
  project: ProjectPlan,
  { baseline, said }: Pick<RepositoryPlan, 'baseline' | 'said'>,
  paint: Paint,
): readonly string[] {
  const { ecosystem, folder, setup, checks, covers, workspace, evidence, disagreements, missing } = project
  const head = `${ecosystem} in ${folder === '' ? 'the root' : folder}`
  const when =
    said !== undefined
      ? ''
      : baseline.includes(project)
        ? '  before and after each change'
        : '  when a change reaches it'
  const noCheck =
    said === undefined && checks.length === 0
      ? labelled('checks', 'nothing says how it is tested', paint, 'yellow')
      : []
  return [
    paint('bold', oneLine(head)) + paint('dim', when),
    ...(evidence ?? [{ file: project.source }]).flatMap((one, index) =>
      labelled(index === 0 ? 'found in' : '', placeOf(one), paint),
    ),
    ...(workspace === undefined
      ? []
      : labelled(
          'part of',
          workspace === '' ? 'the workspace of the root' : `the workspace in ${workspace}`,
          paint,
        )),
    ...(covers.length === 0 ? [] : labelled('covers', foldersText(covers), paint)),
    ...commandLines('installs', setup, paint),
    ...commandLines(
      'checks',
      checks.map(({ command }) => command),
      paint,
    ),
    ...noCheck,
    ...(disagreements ?? []).flatMap((sentence) => labelled('note', sentence, paint)),
    ...(missing === undefined || missing.length === 0
      ? []
      : labelled('missing', `${missing.join(', ')}: not installed on this machine`, paint, 'yellow')),
  ]
}

/** `.github/workflows/ci.yml, job test, line 31: pytest -x` */
function placeOf({ file, job, line, says }: Evidence): string {
  const place = [file, job && `job ${job}`, line && `line ${line}`].filter(Boolean).join(', ')
  return says === undefined ? place : `${place}: ${says}`
}

function foldersText(folders: readonly string[]): string {
  const shown = folders.slice(0, 8).join(', ')
  return folders.length > 8 ? `${shown} and ${counted(folders.length - 8, 'folder')} more` : shown
}
