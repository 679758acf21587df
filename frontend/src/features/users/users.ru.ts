import type { Translated } from '../../i18n/messages.ts';
import type en from './users.en.ts';

export default {
  title: 'Пользователи',
  subtitle: 'Кто может войти и что ему можно.',
  email: 'Электронная почта',
  role: 'Роль',
  created: 'Добавлен',
  lastLogin: 'Последний вход',
  never: 'ещё не было',
  actions: 'Действия',
  add: 'Добавить пользователя',
  edit: 'Изменить',
  addTitle: 'Новый пользователь',
  editTitle: 'Пользователь {email}',
  password: 'Первый пароль',
  newPassword: 'Новый пароль',
  passwordHint: 'Не короче 12 символов. При следующем входе его нужно будет сменить.',
  newPasswordHint: 'Оставьте пустым, чтобы не менять. Новый нужно будет сменить при следующем входе.',
  roleHints: {
    viewer: 'Видит всё, кроме пользователей',
    operator: 'Меняет сервисы и добавляет узлы',
    admin: 'Удаляет узлы и управляет пользователями',
  },
  remove: 'Удалить',
  removeTitle: 'Удалить {email}?',
  removeText: 'Сеансы этого пользователя завершатся сразу.',
  self: 'вы',
} satisfies Translated<typeof en>;
