import { describe, expect, it, vi } from 'vitest';
import { buildContainer } from '../testing/build-report.ts';
import { Inventory, type InventoryDeps } from './inventory.ts';
import type { HostContainer } from './host-container.ts';

function buildHostContainer(overrides: Parameters<typeof buildContainer>[0] = {}): HostContainer {
  return {
    observed: buildContainer(overrides),
    networkMode: 'bridge',
    metricsLabels: { path: null, port: null },
    replicaOf: null,
  };
}

function buildInventory() {
  const deps = {
    onDockerStatus: vi.fn<InventoryDeps['onDockerStatus']>(),
    onContainers: vi.fn<InventoryDeps['onContainers']>(),
    onAddresses: vi.fn<InventoryDeps['onAddresses']>(),
  };
  return { inventory: new Inventory({ nginx: { kind: 'host' }, ...deps }), ...deps };
}

describe('Inventory', () => {
  it('does not know before Docker has answered, and while it is away', () => {
    const { inventory } = buildInventory();
    expect(inventory.resolve('web', 80)).toMatchObject({ state: 'unknown' });
    inventory.replaceAll('28.0', [buildHostContainer()]);
    expect(inventory.resolve('web', 80)).toMatchObject({ state: 'available' });
    inventory.lose('Docker closed the connection');
    expect(inventory.resolve('web', 80)).toEqual({
      state: 'unknown',
      reason: 'container "web" cannot be found: Docker closed the connection',
    });
    expect(inventory.dockerStatus).toEqual({
      available: false,
      version: '28.0',
      reason: 'Docker closed the connection',
    });
  });

  it('tells of addresses only when one is another', () => {
    const { inventory, onAddresses, onContainers } = buildInventory();
    inventory.replaceAll('28.0', [buildHostContainer()]);
    expect(onAddresses).toHaveBeenCalledTimes(1);
    inventory.replaceAll('28.0', [buildHostContainer({ status: 'Up 4 hours', health: 'healthy' })]);
    expect(onAddresses).toHaveBeenCalledTimes(1);
    expect(onContainers).toHaveBeenLastCalledWith([expect.objectContaining({ status: 'Up 4 hours' })]);
    inventory.replaceAll('28.0', [buildHostContainer({ networks: [{ name: 'bridge', address: '172.17.0.7' }] })]);
    expect(onAddresses, 'the control: it moved').toHaveBeenCalledTimes(2);
    inventory.lose('Docker closed the connection');
    inventory.replaceAll('28.0', [buildHostContainer({ networks: [{ name: 'bridge', address: '172.17.0.7' }] })]);
    expect(onAddresses, 'what came meanwhile was not resolved').toHaveBeenCalledTimes(3);
  });

  it('replaces what was asked for, and forgets what is gone', () => {
    const { inventory, onContainers } = buildInventory();
    const [web, old] = [buildHostContainer(), buildHostContainer({ name: 'old' })];
    inventory.replaceAll('28.0', [web, old]);
    inventory.refresh([old.observed.id, 'new'], [buildHostContainer({ id: 'new', name: 'a-new' })]);
    expect(onContainers).toHaveBeenLastCalledWith([
      expect.objectContaining({ name: 'a-new' }),
      expect.objectContaining({ name: 'web' }),
    ]);
  });

  it('reports no containers for a host that never had Docker, and keeps them when it had', () => {
    const { inventory, onContainers } = buildInventory();
    inventory.lose('Docker does not run here');
    expect(onContainers).toHaveBeenLastCalledWith([]);
    inventory.replaceAll('28.0', [buildHostContainer()]);
    inventory.lose('Docker closed the connection');
    expect(onContainers).toHaveBeenLastCalledWith([expect.objectContaining({ name: 'web' })]);
  });
});
