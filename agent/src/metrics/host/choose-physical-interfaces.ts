/** What `/sys/class/net` says of an interface. */
export interface InterfaceFacts {
  /** Hardware, or a hypervisor's virtual hardware, is behind it. */
  readonly hasDevice: boolean;
  /** It has a device, and so has the interface that it is a part of. */
  readonly hasMasterWithDevice: boolean;
}

/** What programs and administrators make: loopback, bridges, bonds, tunnels, containers' ends, VLANs (`eth0.100`). */
const VIRTUAL_NAME =
  /^(?:lo$|docker|br-|br\d|virbr|veth|vnet|tun|tap|wg|bond|team|dummy|ifb|vlan|vxlan|geneve|gre|erspan|sit|ip6|tunl|ipvlan|macvlan|macvtap|cni|flannel|cali|cilium|lxc|lxdbr|kube|nodelocaldns|ovs|podman|tailscale|zt|vmnet|nlmon|vcan)|\.\d+$/;

/**
 * The interfaces through which the host's traffic leaves, each byte counted once. A bond or bridge has no device, its parts
 * have; clouds pair a virtual function with a synthetic interface that has one too and counts for both.
 *
 * @param factsOf null when `/sys` cannot be read. Where it shows no device at all (the host is itself a container), names
 *   decide as well.
 */
export function choosePhysicalInterfaces(
  names: readonly string[],
  factsOf: ((name: string) => InterfaceFacts) | null,
): readonly string[] {
  const physical =
    factsOf === null
      ? []
      : names.filter((name) => {
          const { hasDevice, hasMasterWithDevice } = factsOf(name);
          return hasDevice && !hasMasterWithDevice;
        });
  return physical.length > 0 ? physical : names.filter((name) => !VIRTUAL_NAME.test(name));
}
