/** Says in the name when a snapshot was taken: not every service does. */
export function snapshotName(key: string, takenAt: Date): string {
  return `${key.slice(0, 12)}-${takenAt.getTime().toString(36)}`
}

/** @returns undefined if the name is not one of ours. */
export function takenAt(name: string): Date | undefined {
  const time = /^[0-9a-f]{12}-([0-9a-z]{8,9})$/.exec(name)?.[1]
  return time === undefined ? undefined : new Date(Number.parseInt(time, 36))
}
