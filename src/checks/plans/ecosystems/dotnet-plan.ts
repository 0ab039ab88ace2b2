import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { EcosystemPlan } from '../plan.ts'
import { linuxFramework } from './dotnet-frameworks.ts'
import { xmlElements } from './xml-elements.ts'

const PROJECT = /\.(?:cs|fs|vb)proj$/
const BY_NAME = /(?<!fuzz)Tests?\.(?:cs|fs|vb)proj$/i
const PACKAGES = /^(?:Microsoft\.NET\.Test\.Sdk|xunit(?:\..+)?|NUnit|MSTest(?:\..+)?|TUnit)$/i
const MOST_PROJECTS = 60
const MOST_SOLUTIONS = 6
/** The most projects to test one by one. */
const MOST_ALONE = 12
/** A project with several frameworks, one of them for Windows. */
const FOR_WINDOWS = /<TargetFrameworks>[^<]{0,300}-windows/
/** Names of projects for another processor. */
const OF_OTHERS = /[.-]x86[.-]/i
/** Names of projects whose tests usually need a server. */
const WITH_SERVER = /(?:Integration|Functional|Conformance|Acceptance|EndToEnd|E2E)\.?Tests?\.[\w.]*proj$/i
/** Frameworks for phones, tablets and TVs, which Linux does not build. A condition may limit them to other platforms. */
const ELSEWHERE = /<TargetFrameworks?>[^<]{0,300}-(?:android|ios|maccatalyst|tizen)|<UseMaui>\s{0,9}true/i

/**
 * Tests a solution if it has a test project and all of its projects can be built here, or a single project if it is a test
 * project: others would pass without a test. If some tests are for Windows, the test projects run one by one, with the
 * framework that Linux runs.
 */
export async function dotnetPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const here = folder.files.filter((file) => !file.includes('/'))
  const solutions = await testedFirst(
    folder,
    here.filter((file) => /\.slnx?$/.test(file)),
  )
  const own = here.filter((file) => PROJECT.test(file))
  const source = solutions[0] ?? own[0]
  if (source === undefined) return undefined
  const within = solutions.length > 0 ? folder.files.filter((file) => PROJECT.test(file)) : own
  const projects = await readProjects(folder, within)
  const isTested =
    (projects.some(isOfTests) || (await namesTests(folder, solutions[0]))) &&
    !projects.some(({ text }) => ELSEWHERE.test(text ?? ''))
  // With several files, `dotnet` needs to be given one.
  const named = solutions.length + own.length > 1 ? ` ${source}` : ''
  const isSafe = /^[\w./-]+$/.test(source)
  const plan = {
    ecosystem: '.NET',
    source,
    setup: within.length > 0 && isSafe ? [`dotnet restore${named}`] : [],
    checks: isTested && isSafe ? [`dotnet test${named}`] : [],
  }
  const fitting = isTested ? await withoutWindows(folder, { plan, projects, solution: solutions[0] }) : plan
  return projects.some(targetsWindows) ? withTargeting(fitting) : fitting
}

/** Whether a project with several frameworks also targets Windows and does not allow building that on other systems. */
function targetsWindows({ text = '' }: ProjectFile): boolean {
  return FOR_WINDOWS.test(text) && !/EnableWindowsTargeting/.test(text)
}

/** Lets Linux build for Windows as well, although it cannot run the result. */
function withTargeting({ setup, checks, ...plan }: EcosystemPlan): EcosystemPlan {
  const targeting = (command: string) =>
    command.replace(/dotnet (?:restore|test)[^&]*?(?= &&|$)/g, '$& -p:EnableWindowsTargeting=true')
  return { ...plan, setup: setup.map(targeting), checks: checks.map(targeting) }
}

interface ProjectFile {
  readonly file: string
  readonly text: string | undefined
}

async function readProjects(folder: Folder, files: readonly string[]): Promise<readonly ProjectFile[]> {
  return Promise.all(
    files.slice(0, MOST_PROJECTS).map(async (file) => ({ file, text: await folder.read(file) })),
  )
}

/** The plan as it is if no tests are for Windows; else with checks for the test projects that Linux runs, possibly none. */
async function withoutWindows(
  folder: Folder,
  {
    plan,
    projects,
    solution,
  }: {
    readonly plan: EcosystemPlan
    readonly projects: readonly ProjectFile[]
    readonly solution: string | undefined
  },
): Promise<EcosystemPlan> {
  const list = solution === undefined ? undefined : await folder.read(solution)
  const isListed = ({ file }: ProjectFile) =>
    list === undefined || list.replaceAll('\\', '/').includes(`"${file}"`)
  const tests = await Promise.all(
    projects
      .filter((one) => isListed(one) && isOfTests(one))
      .map(async (one) => ({
        ...one,
        linux: linuxFramework([...(await propertiesAround(folder, one.file)), one.text]),
      })),
  )
  if (tests.every(({ linux }) => linux.kind === 'any')) return plan
  const able = tests.filter(({ file, linux }) => linux.kind !== 'none' && !OF_OTHERS.test(file))
  const plain = able.filter(({ file }) => !WITH_SERVER.test(file))
  const fitting = (plain.length > 0 ? plain : able).slice(0, MOST_ALONE)
  const runs = fitting.map(({ file, linux }) =>
    ['dotnet test', shellQuote(file), ...(linux.kind === 'one' ? ['-f', linux.name] : [])].join(' '),
  )
  return { ...plan, checks: runs.length === 0 ? [] : [runs.join(' && ')] }
}

/** The texts of `Directory.Build.props` in the folders around a project, the outermost first. */
async function propertiesAround(folder: Folder, file: string): Promise<readonly (string | undefined)[]> {
  const parts = file.split('/').slice(0, -1)
  const around = ['', ...parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}/`)]
  return Promise.all(around.map((start) => folder.read(`${start}Directory.Build.props`)))
}

/** Puts a solution that names tests first: other solutions are parts, or for a tool. */
async function testedFirst(folder: Folder, solutions: readonly string[]): Promise<readonly string[]> {
  if (solutions.length < 2) return solutions
  const texts = await Promise.all(
    solutions.slice(0, MOST_SOLUTIONS).map(async (file) => ({ file, text: (await folder.read(file)) ?? '' })),
  )
  const tested = texts.find(({ text }) => /Tests?\.(?:cs|fs|vb)proj"/i.test(text))?.file
  return tested === undefined ? solutions : [tested, ...solutions.filter((file) => file !== tested)]
}

/** Whether a solution names test projects outside of its folder: `"..\tests\A.Tests\A.Tests.csproj"`. */
async function namesTests(folder: Folder, solution: string | undefined): Promise<boolean> {
  const text = solution === undefined ? undefined : await folder.read(solution)
  return /"\.\.[\\/][\w.\\/-]{0,200}Tests?\.(?:cs|fs|vb)proj"/i.test(text ?? '')
}

function isOfTests({ file, text }: ProjectFile): boolean {
  return (
    BY_NAME.test(file) ||
    xmlElements(text).some(
      ({ path, attributes }) => path.endsWith('/PackageReference') && PACKAGES.test(attributes.Include ?? ''),
    )
  )
}
