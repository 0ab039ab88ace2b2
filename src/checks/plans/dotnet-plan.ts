import { shellQuote } from '../../text/shell-quote.ts'
import type { Folder } from '../project.ts'
import { linuxFramework } from './dotnet-frameworks.ts'
import type { EcosystemPlan } from './plan.ts'
import { xmlElements } from './xml-elements.ts'

const PROJECT = /\.(?:cs|fs|vb)proj$/
const BY_NAME = /(?<!fuzz)Tests?\.(?:cs|fs|vb)proj$/i
const PACKAGES = /^(?:Microsoft\.NET\.Test\.Sdk|xunit(?:\..+)?|NUnit|MSTest(?:\..+)?|TUnit)$/i
const MOST_PROJECTS = 60
const MOST_SOLUTIONS = 6
/** Projects that are tested one by one. */
const MOST_ALONE = 12
/** One of several frameworks of a project. */
const FOR_WINDOWS = /<TargetFrameworks>[^<]{0,300}-windows/
/** For another processor. */
const OF_OTHERS = /[.-]x86[.-]/i
/** For a phone: Linux does not build it. A condition may say so on another platform alone. */
const ELSEWHERE = /<TargetFrameworks?>[^<]{0,300}-(?:android|ios|maccatalyst|tizen)|<UseMaui>\s{0,9}true/i

/**
 * A solution is tested if one of its projects is one of tests, and all can be built here; a project alone if it is one of
 * tests: others would pass without a test. Where some tests are for Windows too, the projects are tested one by one, with
 * the framework that Linux runs.
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
  // The tool refuses to choose.
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

/** For what has windows, among what Linux builds, too; where nothing says that it may be built there. */
function targetsWindows({ text = '' }: ProjectFile): boolean {
  return FOR_WINDOWS.test(text) && !/EnableWindowsTargeting/.test(text)
}

/** Linux may build for Windows, though it cannot run that. */
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

/** The plan where nothing is for Windows alone; else what of it Linux tests, which may be nothing. */
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
  const fitting = tests
    .filter(({ file, linux }) => linux.kind !== 'none' && !OF_OTHERS.test(file))
    .slice(0, MOST_ALONE)
  const runs = fitting.map(({ file, linux }) =>
    ['dotnet test', shellQuote(file), ...(linux.kind === 'one' ? ['-f', linux.name] : [])].join(' '),
  )
  return { ...plan, checks: runs.length === 0 ? [] : [runs.join(' && ')] }
}

/** What the folders around a project say for all projects inside of them. */
async function propertiesAround(folder: Folder, file: string): Promise<readonly (string | undefined)[]> {
  const parts = file.split('/').slice(0, -1)
  const around = ['', ...parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}/`)]
  return Promise.all(around.map((start) => folder.read(`${start}Directory.Build.props`)))
}

/** Of several solutions, one that names tests comes first: others are parts, or for a tool. */
async function testedFirst(folder: Folder, solutions: readonly string[]): Promise<readonly string[]> {
  if (solutions.length < 2) return solutions
  const texts = await Promise.all(
    solutions.slice(0, MOST_SOLUTIONS).map(async (file) => ({ file, text: (await folder.read(file)) ?? '' })),
  )
  const tested = texts.find(({ text }) => /Tests?\.(?:cs|fs|vb)proj"/i.test(text))?.file
  return tested === undefined ? solutions : [tested, ...solutions.filter((file) => file !== tested)]
}

/** A solution beside its tests names them: `"..\tests\A.Tests\A.Tests.csproj"`. */
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
