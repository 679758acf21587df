import type { Translated } from '../../i18n/messages.ts';
import type en from './auth.en.ts';

export default {
  title: 'Вход во Flotilla',
  email: 'Электронная почта',
  password: 'Пароль',
  signIn: 'Войти',
  signOut: 'Выйти',
  sessionEnded: 'Сеанс завершён. Войдите, чтобы продолжить; введённое сохранено.',
  wrong: 'Неверная почта или пароль.',
  changeTitle: 'Задайте свой пароль',
  changeWhy: 'Пароль, с которым вы вошли, был создан только для первого входа.',
  currentPassword: 'Текущий пароль',
  newPassword: 'Новый пароль',
  newPasswordHint: 'Не короче 12 символов',
  repeatPassword: 'Новый пароль ещё раз',
  repeatDiffers: 'Пароли различаются',
  change: 'Сохранить пароль',
  showPassword: 'Показать пароль',
  hidePassword: 'Скрыть пароль',
  roles: { viewer: 'Наблюдатель', operator: 'Оператор', admin: 'Администратор' },
} satisfies Translated<typeof en>;
