"""doubtful mail

Revision ID: doubtful_mail
Revises: mail_holds
"""

import sqlalchemy as sa
from alembic import op

import models.base


revision = 'doubtful_mail'
down_revision = 'mail_holds'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tried_at', models.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('resent', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_column('resent')
        batch_op.drop_column('tried_at')
