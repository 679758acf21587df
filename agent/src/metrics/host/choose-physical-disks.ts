/** Whole disks by their names, for hosts whose `/sys` cannot be read: SCSI, IDE, virtio, Xen, NVMe, eMMC, DASD, pmem. */
const DISK_NAME = /^(?:(?:sd|hd|vd|xvd|dasd)[a-z]+|nvme\d+(?:c\d+)?n\d+|mmcblk\d+|pmem\d+|cciss\/c\d+d\d+)$/;

/** Drives for media that come and go: CDs and floppy disks. */
const REMOVABLE_NAME = /^(?:sr|scd|fd)\d+$/;

/** One path to an NVMe namespace, `nvme2c33n1`; the namespace as a whole is `nvme2n1`. */
const NVME_PATH_NAME = /^(nvme\d+)c\d+(n\d+)$/;

/**
 * The disks that do the work, each byte counted once: neither partitions nor what is made of disks (LVM, md, loop, zram).
 * Older kernels count the requests of an NVMe namespace with several paths on the paths alone, newer ones on both:
 * so the paths are taken where there are any.
 *
 * @param hasDevice whether `/sys/block` shows hardware (or a hypervisor's) behind the name; null when it cannot be read
 */
export function choosePhysicalDisks(
  names: readonly string[],
  hasDevice: ((name: string) => boolean) | null,
): readonly string[] {
  const isDisk = (name: string): boolean =>
    hasDevice === null ? DISK_NAME.test(name) : !REMOVABLE_NAME.test(name) && hasDevice(name);
  const withPaths = new Set(
    names.flatMap((name) => {
      const [, controller, namespace] = NVME_PATH_NAME.exec(name) ?? [];
      return controller === undefined ? [] : [`${controller}${namespace}`];
    }),
  );
  return names.filter((name) => (NVME_PATH_NAME.test(name) || isDisk(name)) && !withPaths.has(name));
}
