import type { Translated } from '../i18n/messages.ts';
import type en from './shared.en.ts';

export default {
  coreUnreachable: 'Core не отвечает',
  coreUnreachableStale: 'Показано то, что он сообщил последним. Трафик на узлах продолжает идти. Пробуем снова…',
  coreUnreachableEmpty:
    'Трафик на узлах продолжает идти. Если вы сохраняли — проверьте, дошло ли, прежде чем повторять.',
  signedOut: 'Сеанс завершился. Войдите и повторите.',
  forbidden: 'Ваша роль этого не позволяет',
  notFound: 'Этого нет (или уже нет)',
  failed: 'Не получилось',
  copyOf: 'Скопировать: {what}',
  copied: 'Скопировано',
  notCopied: 'Браузер отказал: выделите и скопируйте сами',
  cancel: 'Отмена',
  close: 'Закрыть',
  save: 'Сохранить',
  delete: 'Удалить',
  add: 'Добавить',
  remove: 'Убрать',
  search: 'Поиск',
  node: 'Узел',
  all: 'Все',
  loading: 'Загрузка…',
  unknown: '—',
  notReported: 'ещё не сообщалось',
  nothingFound: 'Ничего не найдено. Измените поиск или фильтры.',
  page: 'Страницы',
  yes: 'да',
  no: 'нет',
} satisfies Translated<typeof en>;
