import { dirname, join } from 'node:path/posix'
import type { RepositoryPlan } from '../plans/plan.ts'
import type { Project } from '../project.ts'
import { type MavenWish, type Pom, parsePom } from './maven-poms.ts'

/** What the files of a repository say about the Maven that its commands need. */
export interface MavenNeeds {
  /** Wishes of files other than a pom.xml. */
  readonly wishes: readonly MavenWish[]
  /** The pom.xml of the build and its parents in the repository, the nearest first; the last one may have a parent elsewhere. */
  readonly poms: readonly Pom[]
}

/** Commands that start the Maven of the sandbox, and not a wrapper. */
const STARTS = /(?:^|[\s;&|(])mvn(?=\s|$)/
const WRAPPER = '.mvn/wrapper/maven-wrapper.properties'
const MOST_PARENTS = 5

/**
 * Reads which Maven the commands of a plan need.
 *
 * @param commands everything that is installed and checked.
 * @param said wishes of version managers and of CI.
 * @returns undefined if no command starts the sandbox's Maven.
 */
export async function readMavenNeeds(
  project: Project,
  { projects }: Pick<RepositoryPlan, 'projects'>,
  { commands, said }: { readonly commands: readonly string[]; readonly said: readonly MavenWish[] },
): Promise<MavenNeeds | undefined> {
  if (!commands.some((command) => STARTS.test(command))) return undefined
  const folders = ['', ...projects.map(({ folder }) => folder)]
  const folder = folders.find((one) => project.files.has(join(one, 'pom.xml')))
  if (folder === undefined) return undefined
  const wrapper = join(folder, WRAPPER)
  const [, wrapped] =
    /^\s{0,9}distributionUrl\s{0,9}[=:].{1,300}\/apache-maven-(\d[\w.-]{0,30}?)-bin\./m.exec(
      (await project.read(wrapper)) ?? '',
    ) ?? []
  return {
    wishes: [...(wrapped === undefined ? [] : [{ wanted: wrapped, source: wrapper }]), ...said],
    poms: await pomsFrom(project, join(folder, 'pom.xml')),
  }
}

/** A pom.xml with its parents, as far as they are in the repository. */
async function pomsFrom({ files, read }: Project, start: string): Promise<readonly Pom[]> {
  const poms: Pom[] = []
  let child: Pom | undefined
  let path: string | undefined = start
  while (path !== undefined && poms.length <= MOST_PARENTS) {
    const pom: Pom = parsePom(await read(path), path)
    // Maven ignores a pom.xml in this place that is another project's.
    if (child?.parent !== undefined && child.parent.artifact !== pom.artifact) break
    poms.push(pom)
    child = pom
    const beside: string = join(dirname(path), pom.parent?.relativePath ?? '')
    const places: readonly string[] =
      pom.parent === undefined || pom.parent.relativePath === '' ? [] : [beside, `${beside}/pom.xml`]
    path = places.find((place) => place !== path && place.endsWith('.xml') && files.has(place))
  }
  return poms
}
